-- grain: one row per hold
with holds as (
    select * from {{ ref('int_transfers__classified') }}
    where kind = 'hold'
),

ends as (
    select * from {{ ref('stg_lake__transfers') }}
    where hold_seq is not null
)

select
    holds.book_id,
    holds.seq as hold_seq,
    holds.transfer_id as hold_id,
    holds.partner_id,
    holds.debit_account_id,
    holds.credit_account_id,
    case holds.closes when 'debit' then holds.debit_account_id when 'credit' then holds.credit_account_id end
        as closed_account_id,
    holds.currency,
    holds.code,
    holds.transfer_class,
    holds.rail,
    holds.channel,
    holds.amount_minor as held_minor,
    coalesce(ends.moved_minor, 0) as posted_minor,
    case ends.kind when 'post' then 'posted' when 'void' then 'voided' when 'expiry' then 'expired' else 'open' end
        as state,
    holds.booked_on,
    holds.effective_at,
    holds.recorded_at as held_at,
    holds.expires_at,
    ends.seq as ended_seq,
    ends.recorded_at as ended_at
from holds
left join ends
    on holds.book_id = ends.book_id
    and holds.seq = ends.hold_seq
