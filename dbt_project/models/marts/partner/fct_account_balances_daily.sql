-- grain: one row per account and accounting date on which it has an entry
with entries as (
    select * from {{ ref('int_entries__signed') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

days as (
    select
        book_id,
        account_id,
        partner_id,
        currency,
        booked_on,
        count(*) as entries,
        {{ sum_minor('debit_minor') }} as debits_minor,
        {{ sum_minor('credit_minor') }} as credits_minor,
        {{ sum_minor('change_minor') }} as change_minor
    from entries
    group by book_id, account_id, partner_id, currency, booked_on
),

-- A back-dated entry counts from its accounting date on, so that balances add up by date and not by position.
closings as (
    select
        *,
        {{ sum_minor('debits_minor') }} over until_then as debits_until_minor,
        {{ sum_minor('credits_minor') }} over until_then as credits_until_minor,
        {{ sum_minor('change_minor') }} over until_then as balance_minor,
        lead(booked_on) over by_date as next_booked_on
    from days
    window
        by_date as (partition by book_id, account_id order by booked_on),
        until_then as (
            partition by book_id, account_id
            order by booked_on
            rows between unbounded preceding and current row
        )
)

select
    closings.book_id,
    books.book_name,
    closings.partner_id,
    closings.account_id,
    closings.currency,
    closings.booked_on,
    closings.next_booked_on,
    cast(closings.entries as bigint) as entries,
    {{ as_minor('closings.change_minor') }} as change_minor,
    {{ as_minor('closings.debits_until_minor') }} as debits_until_minor,
    {{ as_minor('closings.credits_until_minor') }} as credits_until_minor,
    {{ as_minor('closings.balance_minor') }} as balance_minor,
    books.as_of_seq
from closings
inner join books
    on closings.book_id = books.book_id
