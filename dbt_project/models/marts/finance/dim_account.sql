-- grain: one row per account
with accounts as (
    select * from {{ ref('stg_lake__accounts') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
)

select
    accounts.book_id,
    books.book_name,
    accounts.account_id,
    accounts.partner_id,
    accounts.customer_id,
    accounts.currency,
    accounts.account_kind,
    accounts.normal_side,
    accounts.opened_at,
    books.as_of_seq
from accounts
inner join books
    on accounts.book_id = books.book_id
