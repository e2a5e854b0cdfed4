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
    -- A refusal that was recorded before books had calendars has no date of its own: days were those of UTC.
    coalesce(booked_on, cast(effective_at as date)) as booked_on,
    transfer_id,
    nullif(code, '') as code,
    external_ref as transfer_ref,
    effective_at,
    recorded_at
from refused_transfers
