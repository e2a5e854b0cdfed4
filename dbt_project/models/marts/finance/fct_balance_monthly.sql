-- grain: one row per account and month from its first entry to the last month in which its book has one
with days as (
    select
        *,
        cast(date_trunc('month', balance_on) as date) as month_start_on
    from {{ ref('fct_balance_daily') }}
),

currencies as (
    select * from {{ ref('dim_currency') }}
),

months as (
    select
        book_id,
        account_id,
        month_start_on,
        max(balance_on) as balance_on,
        {{ sum_minor('change_minor') }} as change_minor,
        {{ sum_minor('entries') }} as entries
    from days
    group by book_id, account_id, month_start_on
)

select
    months.book_id,
    days.book_name,
    days.partner_name,
    months.account_id,
    months.month_start_on,
    months.balance_on,
    days.partner_id,
    days.customer_id,
    days.account_kind,
    days.currency,
    {{ as_minor('days.balance_minor - months.change_minor') }} as opening_balance_minor,
    {{ as_decimal(as_minor('days.balance_minor - months.change_minor'), 'currencies.minor_unit') }}
        as opening_balance,
    {{ as_minor('months.change_minor') }} as change_minor,
    {{ as_decimal(as_minor('months.change_minor'), 'currencies.minor_unit') }} as change,
    days.balance_minor,
    days.balance,
    cast(months.entries as bigint) as entries,
    days.as_of_seq
from months
inner join days
    on months.book_id = days.book_id
    and months.account_id = days.account_id
    and months.balance_on = days.balance_on
left join currencies
    on days.currency = currencies.currency
