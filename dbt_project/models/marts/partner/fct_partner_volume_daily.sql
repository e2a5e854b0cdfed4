-- grain: one row per book, partner, currency and accounting date with at least one transfer, posted or refused
with attempted as (
    select * from {{ ref('int_transfers__attempted') }}
),

partners as (
    select * from {{ ref('stg_lake__partners') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

days as (
    select
        book_id,
        partner_id,
        currency,
        booked_on,
        sum(case when is_posted then 1 else 0 end) as transfers,
        {{ sum_minor('case when is_posted then amount_minor else 0 end') }} as volume_minor,
        sum(case when is_posted then 0 else 1 end) as refused
    from attempted
    group by book_id, partner_id, currency, booked_on
)

select
    days.book_id,
    books.book_name,
    days.partner_id,
    partners.partner_ref,
    partners.vertical,
    days.currency,
    days.booked_on,
    cast(days.transfers as bigint) as transfers,
    {{ as_minor('days.volume_minor') }} as volume_minor,
    cast(days.refused as bigint) as refused,
    books.as_of_seq
from days
inner join books
    on days.book_id = books.book_id
left join partners
    on days.book_id = partners.book_id
    and days.partner_id = partners.partner_id
