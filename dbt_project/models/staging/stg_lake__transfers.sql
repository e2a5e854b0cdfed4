-- grain: one row per transfer
-- The journal names accounts and partners by small numbers; from here on they have their ids.
with transfers as (
    select * from {{ source('lake', 'transfers') }}
),

accounts as (
    select * from {{ ref('stg_lake__accounts') }}
),

partners as (
    select * from {{ ref('stg_lake__partners') }}
)

select
    transfers.book_id,
    transfers.seq,
    transfers.transfer_id,
    transfers.kind,
    partners.partner_id,
    debited.account_id as debit_account_id,
    credited.account_id as credit_account_id,
    transfers.amount_minor,
    case when transfers.kind in ('transfer', 'post') then transfers.amount_minor else 0 end as moved_minor,
    transfers.currency,
    transfers.code,
    transfers.booked_on,
    transfers.external_ref as transfer_ref,
    transfers.effective_at,
    transfers.recorded_at,
    transfers.hold_seq,
    transfers.expires_at,
    transfers.closes,
    transfers.group_id,
    transfers.rate,
    transfers.template,
    transfers.reverses_seq
from transfers
left join partners
    on transfers.book_id = partners.book_id
    and transfers.partner_no = partners.partner_no
left join accounts as debited
    on transfers.book_id = debited.book_id
    and transfers.debit_account_no = debited.account_no
left join accounts as credited
    on transfers.book_id = credited.book_id
    and transfers.credit_account_no = credited.account_no
