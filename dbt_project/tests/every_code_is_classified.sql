{{ config(severity='warn', meta={"dagster": {"ref": {"name": "dim_code"}}}) }}

-- The codes of transfers that moved money and that no classification applies to: marts state no class for them, and a
-- report that needs classes is withheld. `cofferdam classify BOOK` names them, and takes the rules.
select
    book_name,
    partner_name,
    code,
    unclassified_transfers
from {{ ref('dim_code') }}
where unclassified_transfers > 0
