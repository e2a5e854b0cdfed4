-- grain: one row per warranty
with warranties as (
    select * from {{ ref('stg_lake__warranties') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
)

select
    warranties.book_id,
    warranties.warranty_id,
    warranties.partner_id,
    warranties.account_id,
    warranties.months,
    warranties.given_at,
    books.as_of_seq
from warranties
inner join books
    on warranties.book_id = books.book_id
