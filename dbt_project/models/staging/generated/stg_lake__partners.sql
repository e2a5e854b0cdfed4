-- grain: one row per partner
-- made by `make generated` from the records; do not edit
with partners as (
    select * from {{ source('lake', 'partners') }}
)

select
    book_id,
    partner_id,
    partner_no,
    external_ref as partner_ref,
    name as partner_name,
    vertical,
    recorded_at as registered_at,
    seq as registered_seq
from partners
