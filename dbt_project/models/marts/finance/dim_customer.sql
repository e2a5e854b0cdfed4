-- grain: one row per customer
with customers as (
    select * from {{ ref('stg_lake__customers') }}
),

partners as (
    select * from {{ ref('stg_lake__partners') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

accounts as (
    select
        book_id,
        customer_id,
        count(*) as accounts,
        min(opened_at) as first_account_opened_at
    from {{ ref('stg_lake__accounts') }}
    where customer_id is not null
    group by book_id, customer_id
)

select
    customers.book_id,
    books.book_name,
    partners.partner_name,
    customers.customer_id,
    {{ public_id('cus', 'customers.customer_id') }} as customer_public_id,
    customers.partner_id,
    customers.registered_at,
    cast(coalesce(accounts.accounts, 0) as bigint) as accounts,
    accounts.first_account_opened_at,
    books.as_of_seq
from customers
inner join books
    on customers.book_id = books.book_id
left join partners
    on customers.book_id = partners.book_id
    and customers.partner_id = partners.partner_id
left join accounts
    on customers.book_id = accounts.book_id
    and customers.customer_id = accounts.customer_id
