"""Money in the schema: exact minor units with their currency."""

import strawberry

from api.graphql.scalars import Currency, Minor
from ledger.kernel.money import Money


@strawberry.type(name="Money")
class MoneyNode:
    """An exact amount of money."""

    amount_minor: Minor = strawberry.field(description="The amount in minor units of the currency: cents for USD.")
    currency: Currency = strawberry.field(description="The currency of the amount.")

    @strawberry.field
    def decimal(self) -> str:
        """Amount as a decimal without the currency, such as 10.50."""
        return Money(self.amount_minor, self.currency).decimal

    @classmethod
    def of(cls, money: Money) -> "MoneyNode":
        """Return the node of an amount."""
        return cls(amount_minor=Minor(money.minor), currency=Currency(money.currency))


@strawberry.input
class MoneyInput:
    """An amount of money: `{ amountMinor: "1050", currency: "USD" }` is 10.50 US dollars."""

    amount_minor: Minor = strawberry.field(description="The amount in minor units of the currency, zero or more.")
    currency: Currency = strawberry.field(description="The currency of the amount.")
