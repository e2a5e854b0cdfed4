-- grain: one row per book that has been streamed
with watermarks as (
    select * from {{ source('lake', 'watermarks') }}
),

batches as (
    select * from {{ source('lake', 'journal_batches') }}
)

select
    watermarks.book_id,
    watermarks.book_name,
    watermarks.seq as as_of_seq,
    batches.recorded_at as as_of_recorded_at,
    watermarks.chain_hash,
    batches.hash as batch_hash
from watermarks
left join batches
    on watermarks.book_id = batches.book_id
    and watermarks.seq = batches.seq
