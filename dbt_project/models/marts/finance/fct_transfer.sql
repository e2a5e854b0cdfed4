-- grain: one row per transfer that moved money
with transfers as (
    select * from {{ ref('int_transfers__classified') }}
    where kind in ('transfer', 'post')
),

reversals as (
    select
        book_id,
        reverses_seq,
        seq as reversed_by_seq
    from transfers
    where reverses_seq is not null
),

partners as (
    select * from {{ ref('stg_lake__partners') }}
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
    transfers.book_id,
    books.book_name,
    partners.partner_name,
    transfers.seq,
    transfers.transfer_id,
    {{ public_id('trf', 'transfers.transfer_id') }} as transfer_public_id,
    transfers.partner_id,
    transfers.kind,
    transfers.code,
    transfers.transfer_class,
    transfers.rail,
    transfers.channel,
    transfers.debit_account_id,
    debited.account_kind as debit_account_kind,
    debited.customer_id as debit_customer_id,
    transfers.credit_account_id,
    credited.account_kind as credit_account_kind,
    credited.customer_id as credit_customer_id,
    transfers.currency,
    transfers.amount_minor,
    {{ as_decimal('transfers.amount_minor', 'currencies.minor_unit') }} as amount,
    transfers.booked_on,
    cast(date_trunc('month', transfers.booked_on) as date) as booked_month_start_on,
    transfers.effective_at,
    transfers.recorded_at,
    transfers.transfer_ref,
    transfers.group_id,
    transfers.hold_seq,
    transfers.rate,
    transfers.template,
    transfers.reverses_seq,
    reversals.reversed_by_seq,
    books.as_of_seq
from transfers
inner join books
    on transfers.book_id = books.book_id
left join partners
    on transfers.book_id = partners.book_id
    and transfers.partner_id = partners.partner_id
left join accounts as debited
    on transfers.book_id = debited.book_id
    and transfers.debit_account_id = debited.account_id
left join accounts as credited
    on transfers.book_id = credited.book_id
    and transfers.credit_account_id = credited.account_id
left join currencies
    on transfers.currency = currencies.currency
left join reversals
    on transfers.book_id = reversals.book_id
    and transfers.seq = reversals.reverses_seq
