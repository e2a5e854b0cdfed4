-- grain: one row per refused transfer
with refused as (
    select * from {{ ref('stg_lake__refused_transfers') }}
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
    refused.book_id,
    books.book_name,
    partners.partner_name,
    refused.seq,
    refused.transfer_id,
    {{ public_id('trf', 'refused.transfer_id') }} as transfer_public_id,
    refused.partner_id,
    refused.kind,
    refused.result as reason,
    refused.code,
    nullif(refused.currency, '') as currency,
    refused.amount_minor,
    {{ as_decimal('refused.amount_minor', 'currencies.minor_unit') }} as amount,
    refused.booked_on,
    cast(date_trunc('month', refused.booked_on) as date) as booked_month_start_on,
    refused.effective_at,
    refused.recorded_at,
    refused.transfer_ref,
    books.as_of_seq
from refused
inner join books
    on refused.book_id = books.book_id
left join partners
    on refused.book_id = partners.book_id
    and refused.partner_id = partners.partner_id
left join currencies
    on refused.currency = currencies.currency
