-- grain: one row per day from 1990 to 2059
with digits as (
    select * from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as ten (digit)
),

numbers as (
    select
        ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit + 10000 * myriads.digit as n
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as myriads
    where myriads.digit < 3
)

-- 1990-01-01 was a Monday, which is day 1 of the week in ISO 8601.
select
    cast({{ dbt.dateadd('day', 'n', "cast('1990-01-01' as date)") }} as date) as listed_on,
    cast(n % 7 + 1 as int) as weekday
from numbers
where n < 25567
