{{ config(meta={"dagster": {"ref": {"name": "fct_account_balances_daily"}}}) }}

-- What statements add up to by date is what the ledger's newest entry of each account says by position.
with newest as (
    select
        book_id,
        account_id,
        max(debits_after_minor) as debits_minor,
        max(credits_after_minor) as credits_minor
    from {{ source('lake', 'entries') }}
    group by book_id, account_id
)

select
    days.book_id,
    days.account_id
from {{ ref('fct_account_balances_daily') }} as days
inner join newest
    on days.book_id = newest.book_id
    and days.account_id = newest.account_id
where days.next_booked_on is null
    and (days.debits_until_minor <> newest.debits_minor or days.credits_until_minor <> newest.credits_minor)
