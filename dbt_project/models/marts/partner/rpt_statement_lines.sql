-- grain: one row per account and transfer that moved money
with entries as (
    select * from {{ ref('int_entries__signed') }}
),

transfers as (
    select * from {{ ref('stg_lake__transfers') }}
),

books as (
    select * from {{ ref('stg_lake__books') }}
),

-- A statement is read by accounting date; within a day, in the order in which the ledger accepted the transfers.
lines as (
    select
        *,
        row_number() over (partition by book_id, account_id order by booked_on, seq) as line_number,
        {{ sum_minor('change_minor') }} over (
            partition by book_id, account_id
            order by booked_on, seq
            rows between unbounded preceding and current row
        ) as balance_minor
    from entries
)

select
    lines.book_id,
    books.book_name,
    lines.partner_id,
    lines.account_id,
    cast(lines.line_number as bigint) as line_number,
    lines.booked_on,
    lines.seq,
    transfers.transfer_id,
    transfers.transfer_ref,
    transfers.code,
    case when lines.side = 'debit' then transfers.credit_account_id else transfers.debit_account_id end
        as counterparty_account_id,
    lines.currency,
    lines.side,
    lines.amount_minor,
    lines.change_minor,
    {{ as_minor('lines.balance_minor') }} as balance_minor,
    books.as_of_seq
from lines
inner join books
    on lines.book_id = books.book_id
left join transfers
    on lines.book_id = transfers.book_id
    and lines.seq = transfers.seq
