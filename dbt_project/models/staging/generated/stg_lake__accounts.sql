-- grain: one row per account
-- made by `make generated` from the records; do not edit
with accounts as (
    select * from {{ source('lake', 'accounts') }}
)

select
    book_id,
    account_id,
    account_no,
    partner_id,
    customer_id,
    currency,
    kind as account_kind,
    normal_side,
    recorded_at as opened_at,
    seq as opened_seq
from accounts
