"""Opening an account together with the customer who owns it."""

from ledger.book.accounts import AccountOrder, OpenedAccount, open_accounts
from ledger.kernel.ids import BookId
from ledger.kernel.work import Work
from ledger.partners.customers import CustomerOrder, register_customers


def open_account(
    work: Work, book_id: BookId, order: AccountOrder, *, customer: CustomerOrder | None = None
) -> OpenedAccount:
    """Open an account; where it has a customer whom the partner does not know yet, register the customer first.

    Both stand or neither does. Raises `IdempotencyConflict` where either exists with other content.
    """
    if customer is not None:
        assert customer.partner_id == order.partner_id
        registered = register_customers(work, book_id, [customer])
        order = order._replace(customer_id=registered[customer.partner_id, customer.external_ref])
    (opened,) = open_accounts(work, book_id, [order])
    return opened
