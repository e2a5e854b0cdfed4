-- grain: one row per change of an account's terms
with account_terms as (
    select * from {{ source('lake', 'account_terms') }}
)

select
    book_id,
    seq as changed_seq,
    account_id,
    frozen,
    debits_within_credits,
    credits_within_debits,
    credit_line_minor,
    recorded_at as changed_at
from account_terms
