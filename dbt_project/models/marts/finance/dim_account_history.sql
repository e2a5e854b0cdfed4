-- grain: one row per account and version of its terms or its closing
with versions as (
    select * from {{ ref('int_accounts__versioned') }}
),

accounts as (
    select * from {{ ref('stg_lake__accounts') }}
),

currencies as (
    select * from {{ ref('dim_currency') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
)

select
    versions.book_id,
    books.book_name,
    accounts.partner_id,
    versions.account_id,
    accounts.currency,
    versions.version,
    versions.valid_from_seq,
    versions.valid_from_at,
    versions.valid_until_seq,
    versions.valid_until_at,
    versions.valid_until_seq is null as is_current,
    case
        when versions.is_closed then 'closed'
        when versions.frozen <> 'none' then 'frozen'
        else 'open'
    end as status,
    versions.is_closed,
    versions.frozen,
    versions.debits_within_credits,
    versions.credits_within_debits,
    versions.credit_line_minor,
    {{ as_decimal('versions.credit_line_minor', 'currencies.minor_unit') }} as credit_line,
    books.as_of_seq
from versions
inner join books
    on versions.book_id = books.book_id
left join accounts
    on versions.book_id = accounts.book_id
    and versions.account_id = accounts.account_id
left join currencies
    on accounts.currency = currencies.currency
