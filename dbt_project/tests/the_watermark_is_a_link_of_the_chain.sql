-- The lake's watermark names the hash of the very batch that ends at its position.
select *
from {{ ref('stg_lake__books') }}
where batch_hash is null or batch_hash <> chain_hash
