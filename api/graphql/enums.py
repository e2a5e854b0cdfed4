"""Kinds: what of the stored choices the schema shows, each value in words."""

from enum import Enum

import strawberry


@strawberry.enum
class AccountKind(Enum):
    """What an account is for."""

    CUSTOMER = strawberry.enum_value("customer", description="Money of one of your customers.")
    MERCHANT = strawberry.enum_value("merchant", description="Money of a seller on your platform.")
    EXTERNAL = strawberry.enum_value("external", description="The world outside: where money comes from and goes to.")
    REVENUE = strawberry.enum_value("revenue", description="Your own income, such as fees.")
    LIQUIDITY = strawberry.enum_value("liquidity", description="One currency's side of exchanges between currencies.")
    TRANSIT = strawberry.enum_value("transit", description="Money on its way between two books.")
    CONTROL = strawberry.enum_value("control", description="An account that the operator keeps to check others by.")


@strawberry.enum
class Side(Enum):
    """The two sides of double entry."""

    DEBIT = strawberry.enum_value("debit", description="The left side: what was given.")
    CREDIT = strawberry.enum_value("credit", description="The right side: what was received.")


@strawberry.enum
class Frozen(Enum):
    """What a freeze forbids on an account. Holds can be released all the same."""

    NONE = strawberry.enum_value("none", description="Nothing: the account is not frozen.")
    DEBITS = strawberry.enum_value("debits", description="Whatever would debit it.")
    CREDITS = strawberry.enum_value("credits", description="Whatever would credit it.")
    ALL = strawberry.enum_value("all", description="Whatever would move money to or from it.")


@strawberry.enum
class TransferKind(Enum):
    """What a transfer does: it moves money, or holds it, or ends a hold."""

    TRANSFER = strawberry.enum_value("transfer", description="It moves money at once.")
    HOLD = strawberry.enum_value("hold", description="It reserves money, until it is posted or voided, or expires.")
    POST = strawberry.enum_value("post", description="It moves money that was held; what is left of the hold is free.")
    VOID = strawberry.enum_value("void", description="It ends a hold without moving money.")
    EXPIRY = strawberry.enum_value("expiry", description="A hold ended by itself, at its deadline.")


@strawberry.enum
class HoldState(Enum):
    """What became of a hold."""

    OPEN = strawberry.enum_value("open", description="It stands: its money is reserved.")
    POSTED = strawberry.enum_value("posted", description="It was posted, whole or in part.")
    VOIDED = strawberry.enum_value("voided", description="It was voided.")
    EXPIRED = strawberry.enum_value("expired", description="It ended by itself, at its deadline.")


@strawberry.enum
class Balancing(Enum):
    """Whose balance bounds an «up to» transfer."""

    DEBIT = strawberry.enum_value("debit", description="It moves no more than the debit account has available.")
    CREDIT = strawberry.enum_value("credit", description="It moves no more than the credit account owes.")
    BOTH = strawberry.enum_value("both", description="Both bound it.")


@strawberry.enum
class Measure(Enum):
    """What of an account is measured, counted on its normal side."""

    AVAILABLE = strawberry.enum_value("available", description="What may still be taken from it.")
    POSTED = strawberry.enum_value("posted", description="Its balance.")
    PENDING = strawberry.enum_value("pending", description="What open holds would take from it.")


@strawberry.enum
class Rounding(Enum):
    """How a fraction of a minor unit becomes whole."""

    HALF_EVEN = strawberry.enum_value("half_even", description="To the nearest; a half to the even one.")
    DOWN = strawberry.enum_value("down", description="Towards zero.")
    UP = strawberry.enum_value("up", description="Away from zero.")
