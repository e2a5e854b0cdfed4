-- grain: one row per transfer that was asked for and journalled, posted or refused
with posted as (
    select * from {{ ref('stg_lake__transfers') }}
),

refused as (
    select * from {{ ref('stg_lake__refused_transfers') }}
)

select
    book_id,
    seq,
    partner_id,
    currency,
    booked_on,
    true as is_posted,
    amount_minor
from posted

union all

select
    book_id,
    seq,
    partner_id,
    currency,
    booked_on,
    false as is_posted,
    amount_minor
from refused
