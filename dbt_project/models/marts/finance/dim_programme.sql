-- grain: one row per book
with openings as (
    select * from {{ ref('stg_lake__book_openings') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
)

select
    openings.book_id,
    books.book_name,
    openings.jurisdiction,
    openings.reporting_currency,
    openings.opened_at,
    books.as_of_seq,
    books.as_of_recorded_at
from openings
inner join books
    on openings.book_id = books.book_id
