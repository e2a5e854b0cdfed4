-- grain: one row per customer
-- Who the person is stays behind: across partners there are released insights only.
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
