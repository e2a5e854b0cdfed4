-- grain: one row per transfer
with transfers as (
    select * from {{ source('lake', 'transfers') }}
)

select
    book_id,
    seq,
    transfer_id,
    partner_id,
    debit_account_id,
    credit_account_id,
    amount_minor,
    currency,
    code,
    booked_on,
    external_ref as transfer_ref
from transfers
