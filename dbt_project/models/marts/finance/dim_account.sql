-- grain: one row per account
with accounts as (
    select * from {{ ref('stg_lake__accounts') }}
),

partners as (
    select * from {{ ref('stg_lake__partners') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

newest as (
    select * from {{ ref('dim_account_history') }}
    where is_current
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
    books.as_of_seq,
    {{ public_id('acc', 'accounts.account_id') }} as account_public_id,
    partners.partner_name,
    newest.status,
    newest.is_closed,
    newest.frozen,
    newest.credit_line_minor,
    newest.credit_line,
    newest.valid_from_at as status_since_at
from accounts
inner join books
    on accounts.book_id = books.book_id
left join partners
    on accounts.book_id = partners.book_id
    and accounts.partner_id = partners.partner_id
left join newest
    on accounts.book_id = newest.book_id
    and accounts.account_id = newest.account_id
