"""Creates vault tokens for customers, and reveals values: that one is shown is recorded in a commit before it is."""

from typing import NamedTuple

from ledger.journal import journal
from ledger.kernel.errors import NotFound
from ledger.kernel.ids import BookId
from ledger.kernel.work import Work
from ledger.personal_data.access import Shown, record_reading
from ledger.personal_data.records import Subject
from ledger.personal_data.registration import partner_of_customer
from ledger.personal_data.subjects import forgotten_at
from ledger.vault.records import SubjectId
from ledger.vault.vault import Vault
from ledger.vault_tokens.errors import TokenEnded
from ledger.vault_tokens.records import VaultToken, VaultTokenId
from ledger.vault_tokens.tokens import TokenOrder, ended_ids, opened_value, owned_token, tokenize


class RecordedReveal(NamedTuple):
    """A token whose value may be shown once the unit of work is committed, and the position of the fact."""

    token: VaultToken
    seq: int


def create_token(work: Work, vault: Vault, book_id: BookId, order: TokenOrder) -> int:
    """Record a token of a value, for one of the partner's customers or for none, and return the position.

    Raises `NotFound` if the customer is not the partner's, or was forgotten, and the refusals of `tokenize`.
    """
    if order.customer_id is not None:
        journal.open_batch(work, book_id)  # from here on, nobody is forgotten
        if partner_of_customer(work, book_id, order.customer_id) != order.partner_id:
            raise NotFound("there is no such customer")
        if forgotten_at(work, book_id, SubjectId(order.customer_id)) is not None:
            raise NotFound("this customer was forgotten: register the person anew to store what is secret of it")
    return tokenize(work, vault, book_id, order)


def record_reveal(work: Work, book_id: BookId, token_id: VaultTokenId, *, reason: str) -> RecordedReveal:
    """Record that the value of a token is shown, with its actor and reason.

    Raises `NotFound`, `InvalidInput` without a reason, and `TokenEnded` if it has ended, or should have by now.
    """
    batch = journal.open_batch(work, book_id)
    token = owned_token(work, book_id, token_id)
    is_due = token.expires_at is not None and token.expires_at <= batch.recorded_at
    if is_due or ended_ids(work, book_id, [token_id]):
        raise _ended()
    shown = Shown(token.partner_id, Subject.VAULT_TOKEN, token_id, ["value"])
    return RecordedReveal(token, record_reading(work, batch, shown, reason=reason))


def revealed_value(vault: Vault, token: VaultToken) -> str:
    """Open the value of a token whose reveal is committed. Raises `TokenEnded` if it ended just now."""
    if (value := opened_value(vault, token)) is None:
        raise _ended()
    return value


def _ended() -> TokenEnded:
    return TokenEnded("this token has ended: its value is destroyed, and nobody can show it")
