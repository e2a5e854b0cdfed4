-- grain: one row per refused transfer
with refused_transfers as (
    select * from {{ source('lake', 'refused_transfers') }}
)

select
    book_id,
    seq,
    partner_id,
    result,
    kind,
    amount_minor,
    currency,
    cast(effective_at as date) as booked_on
from refused_transfers
