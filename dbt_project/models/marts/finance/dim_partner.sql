-- grain: one row per partner
with partners as (
    select * from {{ ref('stg_lake__partners') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

customers as (
    select
        book_id,
        partner_id,
        count(*) as customers
    from {{ ref('stg_lake__customers') }}
    group by book_id, partner_id
)

select
    partners.book_id,
    books.book_name,
    partners.partner_id,
    partners.partner_ref,
    partners.partner_name,
    partners.vertical,
    cast(coalesce(customers.customers, 0) as bigint) as customers,
    partners.registered_at,
    books.as_of_seq
from partners
inner join books
    on partners.book_id = books.book_id
left join customers
    on partners.book_id = customers.book_id
    and partners.partner_id = customers.partner_id
