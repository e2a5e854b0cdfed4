-- grain: one row per transfer
-- A partner's own rule comes before the book's; of several, the one that began last, and of these the newest.
with transfers as (
    select * from {{ ref('stg_lake__transfers') }}
),

rules as (
    select * from {{ ref('stg_lake__transfer_classifications') }}
),

-- Rules are chosen for what they speak of, not for each transfer: there are far fewer of these.
used as (
    select distinct
        book_id,
        partner_id,
        code,
        booked_on
    from transfers
),

candidates as (
    select
        used.book_id,
        used.partner_id,
        used.code,
        used.booked_on,
        rules.transfer_class,
        rules.rail,
        rules.channel,
        rules.classified_seq,
        row_number() over (
            partition by used.book_id, used.partner_id, used.code, used.booked_on
            order by
                case when rules.partner_id is null then 1 else 0 end,
                rules.from_on desc,
                rules.classified_seq desc
        ) as choice
    from used
    inner join rules
        on used.book_id = rules.book_id
        and used.code = rules.code
        and used.booked_on >= rules.from_on
        and (rules.partner_id is null or rules.partner_id = used.partner_id)
),

chosen as (
    select * from candidates
    where choice = 1
)

select
    transfers.book_id,
    transfers.seq,
    transfers.transfer_id,
    transfers.kind,
    transfers.partner_id,
    transfers.debit_account_id,
    transfers.credit_account_id,
    transfers.amount_minor,
    transfers.moved_minor,
    transfers.currency,
    transfers.code,
    chosen.transfer_class,
    chosen.rail,
    chosen.channel,
    chosen.classified_seq,
    transfers.booked_on,
    transfers.effective_at,
    transfers.recorded_at,
    transfers.transfer_ref,
    transfers.group_id,
    transfers.hold_seq,
    transfers.expires_at,
    transfers.closes,
    transfers.rate,
    transfers.template,
    transfers.reverses_seq
from transfers
left join chosen
    on transfers.book_id = chosen.book_id
    and transfers.partner_id = chosen.partner_id
    and transfers.code = chosen.code
    and transfers.booked_on = chosen.booked_on
