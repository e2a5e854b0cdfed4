-- grain: one row per book, currency and kind of account
with entries as (
    select * from {{ ref('int_entries__signed') }}
),

accounts as (
    select * from {{ ref('stg_lake__accounts') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

-- An account without entries counts too: a regulator asks how many accounts there are.
opened as (
    select
        book_id,
        currency,
        account_kind,
        count(*) as accounts
    from accounts
    group by book_id, currency, account_kind
),

sums as (
    select
        book_id,
        currency,
        account_kind,
        count(*) as entries,
        {{ sum_minor('debit_minor') }} as debits_minor,
        {{ sum_minor('credit_minor') }} as credits_minor
    from entries
    group by book_id, currency, account_kind
),

kinds as (
    select
        coalesce(opened.book_id, sums.book_id) as book_id,
        coalesce(opened.currency, sums.currency) as currency,
        coalesce(opened.account_kind, sums.account_kind) as account_kind,
        coalesce(opened.accounts, 0) as accounts,
        coalesce(sums.entries, 0) as entries,
        coalesce(sums.debits_minor, 0) as debits_minor,
        coalesce(sums.credits_minor, 0) as credits_minor
    from opened
    full outer join sums
        on opened.book_id = sums.book_id
        and opened.currency = sums.currency
        and opened.account_kind = sums.account_kind
)

select
    kinds.book_id,
    books.book_name,
    kinds.currency,
    kinds.account_kind,
    cast(kinds.accounts as bigint) as accounts,
    cast(kinds.entries as bigint) as entries,
    {{ as_minor('kinds.debits_minor') }} as debits_minor,
    {{ as_minor('kinds.credits_minor') }} as credits_minor,
    {{ as_minor('kinds.debits_minor - kinds.credits_minor') }} as net_debits_minor,
    {{ as_minor('sum(kinds.debits_minor - kinds.credits_minor) over (partition by kinds.book_id, kinds.currency)') }}
        as out_of_balance_minor,
    books.as_of_seq,
    books.as_of_recorded_at
from kinds
inner join books
    on kinds.book_id = books.book_id
