-- grain: one row per partner, currency and month with a transfer, posted or refused
with transfers as (
    select * from {{ ref('fct_transfer') }}
),

refusals as (
    select * from {{ ref('fct_refusal') }}
    where currency is not null
),

partners as (
    select * from {{ ref('dim_partner') }}
),

currencies as (
    select * from {{ ref('dim_currency') }}
),

active as (
    select book_id, partner_id, currency, booked_month_start_on, debit_customer_id as customer_id from transfers
    where debit_customer_id is not null

    union

    select book_id, partner_id, currency, booked_month_start_on, credit_customer_id as customer_id from transfers
    where credit_customer_id is not null
),

customers as (
    select
        book_id,
        partner_id,
        currency,
        booked_month_start_on,
        count(*) as active_customers
    from active
    group by book_id, partner_id, currency, booked_month_start_on
),

attempted as (
    select
        book_id, partner_id, currency, booked_month_start_on, amount_minor, 1 as posted, 0 as refused,
        case when transfer_class in ('fee', 'interchange') and credit_account_kind = 'revenue'
            then amount_minor else 0 end as fee_income_minor
    from transfers

    union all

    select
        book_id, partner_id, currency, booked_month_start_on, 0 as amount_minor, 0 as posted, 1 as refused,
        0 as fee_income_minor
    from refusals
),

months as (
    select
        book_id,
        partner_id,
        currency,
        booked_month_start_on,
        sum(posted) as transfers,
        sum(refused) as refused,
        {{ sum_minor('amount_minor') }} as volume_minor,
        {{ sum_minor('fee_income_minor') }} as fee_income_minor
    from attempted
    group by book_id, partner_id, currency, booked_month_start_on
)

select
    months.book_id,
    partners.book_name,
    partners.partner_name,
    months.partner_id,
    partners.vertical,
    months.currency,
    months.booked_month_start_on as month_start_on,
    cast(months.transfers as bigint) as transfers,
    cast(months.refused as bigint) as refused,
    cast(coalesce(customers.active_customers, 0) as bigint) as active_customers,
    {{ as_minor('months.volume_minor') }} as volume_minor,
    {{ as_decimal(as_minor('months.volume_minor'), 'currencies.minor_unit') }} as volume,
    {{ as_minor('months.fee_income_minor') }} as fee_income_minor,
    {{ as_decimal(as_minor('months.fee_income_minor'), 'currencies.minor_unit') }} as fee_income,
    partners.as_of_seq
from months
inner join partners
    on months.book_id = partners.book_id
    and months.partner_id = partners.partner_id
left join customers
    on months.book_id = customers.book_id
    and months.partner_id = customers.partner_id
    and months.currency = customers.currency
    and months.booked_month_start_on = customers.booked_month_start_on
left join currencies
    on months.currency = currencies.currency
