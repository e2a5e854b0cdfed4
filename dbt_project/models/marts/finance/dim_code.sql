-- grain: one row per partner and code that a transfer or a refusal of it has
with transfers as (
    select * from {{ ref('int_transfers__classified') }}
),

refused as (
    select * from {{ ref('stg_lake__refused_transfers') }}
    where code is not null
),

partners as (
    select * from {{ ref('stg_lake__partners') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

used as (
    select
        book_id,
        partner_id,
        code,
        kind in ('transfer', 'post') as is_moved,
        transfer_class is null and kind in ('transfer', 'post') as is_unclassified,
        booked_on,
        seq,
        transfer_class,
        rail,
        channel
    from transfers

    union all

    select
        book_id,
        partner_id,
        code,
        false as is_moved,
        false as is_unclassified,
        booked_on,
        seq,
        cast(null as {{ dbt.type_string() }}) as transfer_class,
        cast(null as {{ dbt.type_string() }}) as rail,
        cast(null as {{ dbt.type_string() }}) as channel
    from refused
),

newest as (
    select
        *,
        row_number() over (
            partition by book_id, partner_id, code
            order by
                case when transfer_class is null then 1 else 0 end,
                booked_on desc,
                seq desc
        ) as choice
    from used
),

codes as (
    select
        book_id,
        partner_id,
        code,
        sum(case when is_moved then 1 else 0 end) as transfers,
        sum(case when is_unclassified then 1 else 0 end) as unclassified_transfers,
        max(case when choice = 1 then transfer_class end) as transfer_class,
        max(case when choice = 1 then rail end) as rail,
        max(case when choice = 1 then channel end) as channel,
        min(booked_on) as first_booked_on,
        max(booked_on) as last_booked_on
    from newest
    group by book_id, partner_id, code
)

select
    codes.book_id,
    books.book_name,
    partners.partner_name,
    codes.partner_id,
    codes.code,
    codes.transfer_class,
    codes.rail,
    codes.channel,
    cast(codes.transfers as bigint) as transfers,
    cast(codes.unclassified_transfers as bigint) as unclassified_transfers,
    codes.first_booked_on,
    codes.last_booked_on,
    books.as_of_seq
from codes
inner join books
    on codes.book_id = books.book_id
left join partners
    on codes.book_id = partners.book_id
    and codes.partner_id = partners.partner_id
