"""Decline: the reason why a batch is left to the readable judge, which then decides each order."""

from enum import StrEnum


class Decline(StrEnum):
    """The first reason found why a batch is not judged by columns; each is true of at least one order."""

    NOT_PLAIN = "it asks for more than a plain transfer: a hold, the end of one, a group, a limit of its own"
    IMPORT_MIXED = "it is imported history beside an order that is not"
    ID_UNUSABLE = "its id is zero or the largest"
    ID_REPEATED = "its id stands in the batch twice"
    ID_KNOWN = "its id was posted or refused before"
    PARTNER_UNKNOWN = "its partner is none of the book's"
    ACTOR_NEW = "its actor is not registered yet, or not known to this writer"
    AMOUNT_UNUSABLE = "its amount is negative, or larger than any sum"
    ACCOUNTS_EQUAL = "it debits the account that it credits"
    DATE_UNUSABLE = "it is dated into the future, too far back, or before what strict history has reached"
    ACCOUNT_UNKNOWN = "one of its accounts is none of the book's, or another partner's"
    CURRENCY_DIFFERS = "its currency is not that of both accounts"
    ACCOUNT_STOPPED = "one of its accounts is closed or frozen"
    PERIOD_CLOSED = "it is dated into a closed period"
    SUM_COULD_OVERFLOW = "some sum could come near the largest number, were all amounts one account's"
    LIMIT_PASSED = "it would pass the limit of an account"
    MONITOR_FIRES = "it makes the condition of a monitor true"
