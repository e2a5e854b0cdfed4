-- grain: one row per account and transfer
with entries as (
    select * from {{ source('lake', 'entries') }}
)

select
    book_id,
    account_id,
    seq,
    partner_id,
    side,
    amount_minor,
    case when side = 'debit' then amount_minor else 0 end as debit_minor,
    case when side = 'credit' then amount_minor else 0 end as credit_minor,
    booked_on
from entries
