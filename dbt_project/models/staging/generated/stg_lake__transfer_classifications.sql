-- grain: one row per transfer classification
-- made by `make generated` from the records; do not edit
with transfer_classifications as (
    select * from {{ source('lake', 'transfer_classifications') }}
)

select
    book_id,
    code,
    transfer_class,
    from_on,
    partner_id,
    rail,
    channel,
    recorded_at as classified_at,
    seq as classified_seq
from transfer_classifications
