-- grain: one row per account and transfer that moved money
-- Holds, voids and expiries only reserve and release: they are on no statement and in no balance.
with moved as (
    select * from {{ ref('stg_lake__transfers') }}
    where kind in ('transfer', 'post')
)

select
    book_id,
    debit_account_id as account_id,
    seq,
    'debit' as side,
    moved_minor as amount_minor,
    moved_minor as debit_minor,
    cast(0 as bigint) as credit_minor,
    booked_on
from moved

union all

select
    book_id,
    credit_account_id as account_id,
    seq,
    'credit' as side,
    moved_minor as amount_minor,
    cast(0 as bigint) as debit_minor,
    moved_minor as credit_minor,
    booked_on
from moved
