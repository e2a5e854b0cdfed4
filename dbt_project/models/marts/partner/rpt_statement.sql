-- grain: one row per account, month and line of its statement
with months as (
    select * from {{ ref('fct_balance_monthly') }}
),

entries as (
    select
        *,
        row_number() over (partition by book_id, account_id, booked_month_start_on order by booked_on, seq) as number,
        {{ sum_minor('change_minor') }} over (
            partition by book_id, account_id, booked_month_start_on
            order by booked_on, seq
            rows between unbounded preceding and current row
        ) as change_so_far_minor
    from {{ ref('fct_entry') }}
),

currencies as (
    select * from {{ ref('dim_currency') }}
),

openings as (
    select
        book_id, account_id, month_start_on, 0 as line_number, 'opening' as line_kind, month_start_on as booked_on,
        0 as seq, 0 as change_minor, opening_balance_minor as balance_minor
    from months
),

lines as (
    select
        entries.book_id, entries.account_id, entries.booked_month_start_on as month_start_on,
        entries.number as line_number, 'entry' as line_kind, entries.booked_on, entries.seq, entries.change_minor,
        months.opening_balance_minor + entries.change_so_far_minor as balance_minor
    from entries
    inner join months
        on entries.book_id = months.book_id
        and entries.account_id = months.account_id
        and entries.booked_month_start_on = months.month_start_on
),

closings as (
    select
        book_id, account_id, month_start_on, entries + 1 as line_number, 'closing' as line_kind,
        balance_on as booked_on, 0 as seq, 0 as change_minor, balance_minor
    from months
),

statement as (
    select * from openings
    union all
    select * from lines
    union all
    select * from closings
)

select
    statement.book_id,
    months.book_name,
    months.partner_name,
    statement.account_id,
    statement.month_start_on,
    cast(statement.line_number as bigint) as line_number,
    statement.line_kind,
    months.partner_id,
    months.customer_id,
    statement.booked_on,
    case when statement.line_kind = 'entry' then statement.seq end as seq,
    entries.code,
    entries.transfer_class,
    entries.counterparty_account_id,
    entries.transfer_ref,
    months.currency,
    cast(statement.change_minor as bigint) as change_minor,
    {{ as_decimal('statement.change_minor', 'currencies.minor_unit') }} as change,
    {{ as_minor('statement.balance_minor') }} as balance_minor,
    {{ as_decimal(as_minor('statement.balance_minor'), 'currencies.minor_unit') }} as balance,
    months.as_of_seq
from statement
inner join months
    on statement.book_id = months.book_id
    and statement.account_id = months.account_id
    and statement.month_start_on = months.month_start_on
left join entries
    on statement.book_id = entries.book_id
    and statement.account_id = entries.account_id
    and statement.line_kind = 'entry'
    and statement.seq = entries.seq
left join currencies
    on months.currency = currencies.currency
