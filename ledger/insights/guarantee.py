"""The guarantee: what released insights protect, in the numbers and words that every reader of them sees."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Guarantee:
    """Zero-concentrated differential privacy of one `person_id` as a payer, over any `months` consecutive data months.

    `rho_micro` and the equivalent `epsilon_micro` at `delta` are in millionths; `delta` is decimal text.
    """

    rho_micro: int
    epsilon_micro: int
    delta: str
    months: int
    protects: str


GUARANTEE: Final = Guarantee(
    rho_micro=266_300,
    epsilon_micro=4_000_000,
    delta="0.0000001",
    months=12,
    protects=(
        "Every person as a payer, with all that they paid from their customer accounts to merchant accounts at all "
        "partners of the book: whether they took part changes the odds of anything released about any 12 consecutive "
        "months by at most a factor of e^4, but for a chance of 1 in 10,000,000. A person is whom one personRef names, "
        "however it is spelt. A customer without a personRef is a person of their own, and somebody whom partners name "
        "by several references is several persons, each protected alone. Who is paid is not protected: not a merchant, "
        "and not a sole trader as one. Which partners there are, and the operating period that the operator declares, "
        "is public. Persons are resolved within one book: who is in two books is protected in each of them."
    ),
)
"""The yearly cap of every book, enforced by the budget; a test of the accounting checks its epsilon."""
