"""The enums of the schema: the values of stored columns, each with a description."""

from enum import Enum

import strawberry


@strawberry.enum
class AccountKind(Enum):
    """The purpose of an account."""

    CUSTOMER = strawberry.enum_value("customer", description="Money of one of your customers.")
    MERCHANT = strawberry.enum_value("merchant", description="Money of a seller on your platform.")
    EXTERNAL = strawberry.enum_value(
        "external", description="The world outside: money enters and leaves the book here."
    )
    REVENUE = strawberry.enum_value("revenue", description="Your own income, such as fees.")
    LIQUIDITY = strawberry.enum_value("liquidity", description="One currency's side of exchanges between currencies.")
    TRANSIT = strawberry.enum_value("transit", description="Money on its way between two books.")
    CONTROL = strawberry.enum_value("control", description="A control account of the operator.")


@strawberry.enum
class Side(Enum):
    """The two sides of double entry."""

    DEBIT = strawberry.enum_value("debit", description="The left side: the account that gives.")
    CREDIT = strawberry.enum_value("credit", description="The right side: the account that receives.")


@strawberry.enum
class Frozen(Enum):
    """The movements that a freeze forbids on an account. Holds can still be released."""

    NONE = strawberry.enum_value("none", description="Nothing is forbidden: the account is not frozen.")
    DEBITS = strawberry.enum_value("debits", description="Debits are refused.")
    CREDITS = strawberry.enum_value("credits", description="Credits are refused.")
    ALL = strawberry.enum_value("all", description="Debits and credits are refused.")


@strawberry.enum
class TransferKind(Enum):
    """The effect of a transfer: it moves money, holds it, or ends a hold."""

    TRANSFER = strawberry.enum_value("transfer", description="Moves money at once.")
    HOLD = strawberry.enum_value("hold", description="Reserves money until the hold is posted or voided, or expires.")
    POST = strawberry.enum_value("post", description="Moves held money, and releases the rest of the hold.")
    VOID = strawberry.enum_value("void", description="Ends a hold without moving money.")
    EXPIRY = strawberry.enum_value("expiry", description="Ends a hold at its deadline.")


@strawberry.enum
class HoldState(Enum):
    """The state of a hold."""

    OPEN = strawberry.enum_value("open", description="Its money is reserved.")
    POSTED = strawberry.enum_value("posted", description="It was posted, in full or in part.")
    VOIDED = strawberry.enum_value("voided", description="It was voided.")
    EXPIRED = strawberry.enum_value("expired", description="It expired at its deadline.")


@strawberry.enum
class Balancing(Enum):
    """The account whose balance limits the amount of an "up to" transfer."""

    DEBIT = strawberry.enum_value("debit", description="Moves at most the amount available on the debit account.")
    CREDIT = strawberry.enum_value("credit", description="Moves at most the amount that the credit account owes.")
    BOTH = strawberry.enum_value("both", description="Both limits apply.")


@strawberry.enum
class Measure(Enum):
    """The measured amount of an account, counted on its normal side."""

    AVAILABLE = strawberry.enum_value("available", description="The balance and credit line, less open holds.")
    POSTED = strawberry.enum_value("posted", description="Its balance.")
    PENDING = strawberry.enum_value("pending", description="The amount that open holds would take.")


@strawberry.enum
class Rounding(Enum):
    """The rounding of a fraction of a minor unit."""

    HALF_EVEN = strawberry.enum_value("half_even", description="To the nearest unit; a half goes to the even one.")
    DOWN = strawberry.enum_value("down", description="Towards zero.")
    UP = strawberry.enum_value("up", description="Away from zero.")
