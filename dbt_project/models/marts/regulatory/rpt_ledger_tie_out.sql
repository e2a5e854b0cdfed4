-- grain: one row per book, currency, mart and measure
-- The ledger's side is added up from the facts and the sums that each transfer states, and from no other mart.
with facts as (
    select * from {{ source('lake', 'transfers') }}
),

refused as (
    select * from {{ source('lake', 'refused_transfers') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

moved as (
    select * from facts
    where kind in ('transfer', 'post')
),

stated as (
    select
        book_id, currency, debit_account_no as account_no, debit_account_debits_minor as debits_minor,
        debit_account_credits_minor as credits_minor
    from facts

    union all

    select
        book_id, currency, credit_account_no as account_no, credit_account_debits_minor as debits_minor,
        credit_account_credits_minor as credits_minor
    from facts
),

newest as (
    select
        book_id,
        currency,
        account_no,
        max(debits_minor) as debits_minor,
        max(credits_minor) as credits_minor
    from stated
    group by book_id, currency, account_no
),

accounts as (
    select * from {{ ref('stg_lake__accounts') }}
),

balances as (
    select
        newest.book_id,
        newest.currency,
        case when accounts.normal_side = 'debit'
            then newest.debits_minor - newest.credits_minor
            else newest.credits_minor - newest.debits_minor end as balance_minor
    from newest
    inner join accounts
        on newest.book_id = accounts.book_id
        and newest.account_no = accounts.account_no
),

last_days as (
    select
        *,
        row_number() over (partition by book_id, account_id order by balance_on desc) as from_last
    from {{ ref('fct_balance_daily') }}
),

last_months as (
    select
        *,
        row_number() over (partition by book_id, account_id order by month_start_on desc) as from_last
    from {{ ref('fct_balance_monthly') }}
),

measured as (
    select 'fct_transfer' as mart, 'amount_minor' as measure, book_id, currency, amount_minor as mart_value,
        cast(0 as bigint) as ledger_value
    from {{ ref('fct_transfer') }}
    union all
    select 'fct_transfer', 'amount_minor', book_id, currency, 0, amount_minor from moved
    union all
    select 'fct_entry', 'amount_minor', book_id, currency, amount_minor, 0 from {{ ref('fct_entry') }}
    union all
    select 'fct_entry', 'amount_minor', book_id, currency, 0, 2 * amount_minor from moved
    union all
    select 'fct_hold', 'held_minor', book_id, currency, held_minor, 0 from {{ ref('fct_hold') }}
    union all
    select 'fct_hold', 'held_minor', book_id, currency, 0, amount_minor from facts where kind = 'hold'
    union all
    select 'fct_refusal', 'amount_minor', book_id, coalesce(currency, ''), amount_minor, 0
    from {{ ref('fct_refusal') }}
    union all
    select 'fct_refusal', 'amount_minor', book_id, currency, 0, amount_minor from refused
    union all
    select 'fct_balance_daily', 'balance_minor', book_id, currency, balance_minor, 0 from last_days
    where from_last = 1
    union all
    select 'fct_balance_daily', 'balance_minor', book_id, currency, 0, balance_minor from balances
    union all
    select 'fct_balance_monthly', 'balance_minor', book_id, currency, balance_minor, 0 from last_months
    where from_last = 1
    union all
    select 'fct_balance_monthly', 'balance_minor', book_id, currency, 0, balance_minor from balances
    union all
    select 'fct_partner_activity_monthly', 'volume_minor', book_id, currency, volume_minor, 0
    from {{ ref('fct_partner_activity_monthly') }}
    union all
    select 'fct_partner_activity_monthly', 'volume_minor', book_id, currency, 0, amount_minor from moved
    union all
    select 'fct_partner_volume_daily', 'volume_minor', book_id, currency, volume_minor, 0
    from {{ ref('fct_partner_volume_daily') }}
    union all
    select 'fct_partner_volume_daily', 'volume_minor', book_id, currency, 0, amount_minor from moved
    union all
    select 'rpt_statement', 'change_minor', book_id, currency, change_minor, 0 from {{ ref('rpt_statement') }}
    union all
    select 'rpt_statement', 'change_minor', book_id, currency, 0, balance_minor from balances
    union all
    select 'rpt_statement_lines', 'amount_minor', book_id, currency, amount_minor, 0
    from {{ ref('rpt_statement_lines') }}
    union all
    select 'rpt_statement_lines', 'amount_minor', book_id, currency, 0, 2 * amount_minor from moved
    union all
    select 'rpt_trial_balance', 'debits_minor', book_id, currency, debits_minor, 0
    from {{ ref('rpt_trial_balance') }}
    union all
    select 'rpt_trial_balance', 'debits_minor', book_id, currency, 0, amount_minor from moved
),

totals as (
    select
        book_id,
        currency,
        mart,
        measure,
        {{ sum_minor('mart_value') }} as mart_total_minor,
        {{ sum_minor('ledger_value') }} as ledger_total_minor
    from measured
    group by book_id, currency, mart, measure
)

select
    totals.book_id,
    books.book_name,
    totals.currency,
    totals.mart,
    totals.measure,
    {{ as_minor('totals.mart_total_minor') }} as mart_total_minor,
    {{ as_minor('totals.ledger_total_minor') }} as ledger_total_minor,
    {{ as_minor('totals.mart_total_minor - totals.ledger_total_minor') }} as difference_minor,
    books.as_of_seq
from totals
inner join books
    on totals.book_id = books.book_id
