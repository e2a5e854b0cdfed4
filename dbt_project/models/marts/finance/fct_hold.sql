-- grain: one row per hold
with holds as (
    select * from {{ ref('int_holds__ended') }}
),

partners as (
    select * from {{ ref('stg_lake__partners') }}
),

currencies as (
    select * from {{ ref('dim_currency') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

-- The age of an open hold is that at the position that the build is true for, and not at the time of the query.
aged as (
    select
        holds.*,
        books.book_name,
        books.as_of_seq,
        {{ dbt.datediff(
            'cast(holds.effective_at as date)',
            'cast(coalesce(holds.ended_at, books.as_of_recorded_at) as date)',
            'day'
        ) }} as age
    from holds
    inner join books
        on holds.book_id = books.book_id
)

select
    aged.book_id,
    aged.book_name,
    partners.partner_name,
    aged.hold_seq,
    aged.hold_id,
    {{ public_id('trf', 'aged.hold_id') }} as hold_public_id,
    aged.partner_id,
    aged.debit_account_id,
    aged.credit_account_id,
    aged.closed_account_id,
    aged.state,
    aged.code,
    aged.transfer_class,
    aged.rail,
    aged.channel,
    aged.currency,
    aged.held_minor,
    {{ as_decimal('aged.held_minor', 'currencies.minor_unit') }} as held,
    aged.posted_minor,
    {{ as_decimal('aged.posted_minor', 'currencies.minor_unit') }} as posted,
    aged.booked_on,
    aged.effective_at,
    aged.held_at,
    aged.expires_at,
    aged.ended_seq,
    aged.ended_at,
    cast(aged.age as bigint) as age_days,
    aged.as_of_seq
from aged
left join partners
    on aged.book_id = partners.book_id
    and aged.partner_id = partners.partner_id
left join currencies
    on aged.currency = currencies.currency
