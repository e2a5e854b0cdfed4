-- grain: one row per transfer that moved money, or that was refused when it was asked for
-- A hold is asked for once and moves money when it is posted: what ends it is no further attempt.
with posted as (
    select * from {{ ref('stg_lake__transfers') }}
    where kind in ('transfer', 'post')
),

refused as (
    select * from {{ ref('stg_lake__refused_transfers') }}
    where kind in ('transfer', 'hold')
)

select
    book_id,
    seq,
    partner_id,
    currency,
    booked_on,
    true as is_posted,
    moved_minor as amount_minor
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
