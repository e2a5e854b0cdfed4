-- grain: one row per account and position at which its terms or its closing changed, its opening among them
with opened as (
    select * from {{ ref('stg_lake__opening_terms') }}
),

changed as (
    select * from {{ ref('stg_lake__account_terms') }}
),

closings as (
    select * from {{ ref('int_holds__ended') }}
    where closed_account_id is not null
),

events as (
    select
        book_id, account_id, opened_seq as seq, opened_at as valid_from_at, 1 as is_terms, 0 as closed_by,
        'none' as frozen, debits_within_credits, credits_within_debits, credit_line_minor
    from opened

    union all

    select
        book_id, account_id, changed_seq as seq, changed_at as valid_from_at, 1 as is_terms, 0 as closed_by,
        frozen, debits_within_credits, credits_within_debits, credit_line_minor
    from changed

    union all

    select
        book_id, closed_account_id as account_id, hold_seq as seq, held_at as valid_from_at, 0 as is_terms,
        1 as closed_by, null as frozen, null as debits_within_credits, null as credits_within_debits,
        null as credit_line_minor
    from closings

    union all

    select
        book_id, closed_account_id as account_id, ended_seq as seq, ended_at as valid_from_at, 0 as is_terms,
        -1 as closed_by, null as frozen, null as debits_within_credits, null as credits_within_debits,
        null as credit_line_minor
    from closings
    where ended_seq is not null
),

-- Terms stand until the next change of terms: events between two of these share a stretch.
stretches as (
    select
        *,
        sum(is_terms) over so_far as stretch,
        sum(closed_by) over so_far as closings_open,
        row_number() over (partition by book_id, account_id order by seq) as version,
        lead(seq) over (partition by book_id, account_id order by seq) as valid_until_seq,
        lead(valid_from_at) over (partition by book_id, account_id order by seq) as valid_until_at
    from events
    window so_far as (
        partition by book_id, account_id
        order by seq
        rows between unbounded preceding and current row
    )
)

select
    book_id,
    account_id,
    seq as valid_from_seq,
    cast(version as bigint) as version,
    valid_from_at,
    valid_until_seq,
    valid_until_at,
    max(frozen) over stretch_of as frozen,
    max(debits_within_credits) over stretch_of as debits_within_credits,
    max(credits_within_debits) over stretch_of as credits_within_debits,
    max(credit_line_minor) over stretch_of as credit_line_minor,
    closings_open > 0 as is_closed
from stretches
window stretch_of as (partition by book_id, account_id, stretch)
