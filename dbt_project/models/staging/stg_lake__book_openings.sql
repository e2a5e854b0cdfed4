-- grain: one row per book
with book_openings as (
    select * from {{ source('lake', 'book_openings') }}
)

select
    book_id,
    seq as opened_seq,
    jurisdiction,
    currency as reporting_currency,
    opened_at
from book_openings
