-- grain: one row per account and transfer that moved money
with entries as (
    select * from {{ ref('stg_lake__entries') }}
),

accounts as (
    select * from {{ ref('stg_lake__accounts') }}
)

select
    entries.book_id,
    entries.account_id,
    entries.seq,
    accounts.partner_id,
    accounts.currency,
    accounts.account_kind,
    entries.side,
    entries.amount_minor,
    entries.debit_minor,
    entries.credit_minor,
    case when entries.side = accounts.normal_side then entries.amount_minor else -entries.amount_minor end
        as change_minor,
    entries.booked_on
from entries
left join accounts
    on entries.book_id = accounts.book_id
    and entries.account_id = accounts.account_id
