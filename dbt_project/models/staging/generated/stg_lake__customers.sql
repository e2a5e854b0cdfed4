-- grain: one row per customer
-- made by `make generated` from the records; do not edit
with customers as (
    select * from {{ source('lake', 'customers') }}
)

select
    book_id,
    customer_id,
    partner_id,
    recorded_at as registered_at,
    seq as registered_seq
from customers
