{{ config(meta={"dagster": {"ref": {"name": "fct_account_balances_daily"}}}) }}

-- What statements add up to by date is what the ledger's newest transfer of each account says by position.
with stated as (
    select
        book_id,
        debit_account_no as account_no,
        debit_account_debits_minor as debits_minor,
        debit_account_credits_minor as credits_minor
    from {{ source('lake', 'transfers') }}

    union all

    select
        book_id,
        credit_account_no as account_no,
        credit_account_debits_minor as debits_minor,
        credit_account_credits_minor as credits_minor
    from {{ source('lake', 'transfers') }}
),

newest as (
    select
        book_id,
        account_no,
        max(debits_minor) as debits_minor,
        max(credits_minor) as credits_minor
    from stated
    group by book_id, account_no
),

accounts as (
    select * from {{ ref('stg_lake__accounts') }}
)

select
    days.book_id,
    days.account_id
from {{ ref('fct_account_balances_daily') }} as days
inner join accounts
    on days.book_id = accounts.book_id
    and days.account_id = accounts.account_id
inner join newest
    on accounts.book_id = newest.book_id
    and accounts.account_no = newest.account_no
where days.next_booked_on is null
    and (days.debits_until_minor <> newest.debits_minor or days.credits_until_minor <> newest.credits_minor)
