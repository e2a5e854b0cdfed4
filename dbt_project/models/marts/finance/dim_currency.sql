-- grain: one row per currency
with currencies as (
    select * from {{ ref('stg_reference__currencies') }}
)

select
    currency,
    digits,
    minor_unit
from currencies
