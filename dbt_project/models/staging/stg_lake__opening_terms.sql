-- grain: one row per account
with accounts as (
    select * from {{ source('lake', 'accounts') }}
)

select
    book_id,
    account_id,
    seq as opened_seq,
    debits_within_credits,
    credits_within_debits,
    credit_line_minor,
    recorded_at as opened_at
from accounts
