-- grain: one row per account and day from its first entry to the last day on which its book has one
with balances as (
    select * from {{ ref('fct_account_balances_daily') }}
),

days as (
    select * from {{ ref('int_days__listed') }}
),

accounts as (
    select * from {{ ref('stg_lake__accounts') }}
),

partners as (
    select * from {{ ref('stg_lake__partners') }}
),

currencies as (
    select * from {{ ref('dim_currency') }}
),

-- The last day is that of the facts and not of the clock, so that a build at one position is always the same.
ends as (
    select
        book_id,
        max(booked_on) as last_on
    from balances
    group by book_id
),

dense as (
    select
        balances.*,
        days.listed_on as balance_on,
        days.listed_on = balances.booked_on as has_entries
    from balances
    inner join ends
        on balances.book_id = ends.book_id
    inner join days
        on days.listed_on >= balances.booked_on
        and days.listed_on <= ends.last_on
        and (balances.next_booked_on is null or days.listed_on < balances.next_booked_on)
)

select
    dense.book_id,
    dense.book_name,
    partners.partner_name,
    dense.account_id,
    dense.balance_on,
    dense.partner_id,
    accounts.customer_id,
    accounts.account_kind,
    dense.currency,
    dense.balance_minor,
    {{ as_decimal('dense.balance_minor', 'currencies.minor_unit') }} as balance,
    case when dense.has_entries then dense.change_minor else 0 end as change_minor,
    {{ as_decimal('case when dense.has_entries then dense.change_minor else 0 end', 'currencies.minor_unit') }}
        as change,
    case when dense.has_entries then dense.entries else 0 end as entries,
    dense.as_of_seq
from dense
left join accounts
    on dense.book_id = accounts.book_id
    and dense.account_id = accounts.account_id
left join partners
    on dense.book_id = partners.book_id
    and dense.partner_id = partners.partner_id
left join currencies
    on dense.currency = currencies.currency
