-- grain: one row per account and transfer that moved money
with entries as (
    select * from {{ ref('int_entries__signed') }}
),

transfers as (
    select * from {{ ref('int_transfers__classified') }}
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

books as (
    select * from {{ ref('stg_lake__books') }}
)

select
    entries.book_id,
    books.book_name,
    partners.partner_name,
    entries.account_id,
    entries.seq,
    entries.partner_id,
    accounts.customer_id,
    entries.account_kind,
    entries.side,
    entries.currency,
    entries.amount_minor,
    {{ as_decimal('entries.amount_minor', 'currencies.minor_unit') }} as amount,
    entries.change_minor,
    {{ as_decimal('entries.change_minor', 'currencies.minor_unit') }} as change,
    case when entries.side = 'debit' then transfers.credit_account_id else transfers.debit_account_id end
        as counterparty_account_id,
    transfers.code,
    transfers.transfer_class,
    entries.booked_on,
    cast(date_trunc('month', entries.booked_on) as date) as booked_month_start_on,
    transfers.recorded_at,
    transfers.transfer_ref,
    books.as_of_seq
from entries
inner join books
    on entries.book_id = books.book_id
left join transfers
    on entries.book_id = transfers.book_id
    and entries.seq = transfers.seq
left join accounts
    on entries.book_id = accounts.book_id
    and entries.account_id = accounts.account_id
left join partners
    on entries.book_id = partners.book_id
    and entries.partner_id = partners.partner_id
left join currencies
    on entries.currency = currencies.currency
