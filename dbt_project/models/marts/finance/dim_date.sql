-- grain: one row per market and day
with days as (
    select * from {{ ref('int_days__listed') }}
),

holidays as (
    select * from {{ ref('stg_reference__market_holidays') }}
),

-- A market has dates for the years whose holidays are known, and no others: a guessed business day would be wrong.
markets as (
    select
        market,
        min(extract(year from holiday_on)) as first_year,
        max(extract(year from holiday_on)) as last_year
    from holidays
    group by market
),

dates as (
    select
        markets.market,
        days.listed_on as date_on,
        holidays.holiday_name,
        extract(year from days.listed_on) as year_number,
        extract(month from days.listed_on) as month_number,
        cast(date_trunc('month', days.listed_on) as date) as month_start_on,
        days.weekday
    from markets
    inner join days
        on extract(year from days.listed_on) between markets.first_year and markets.last_year
    left join holidays
        on markets.market = holidays.market
        and days.listed_on = holidays.holiday_on
),

judged as (
    select
        *,
        weekday < 6 and holiday_name is null as is_business_day,
        max(date_on) over (partition by market, month_start_on) as month_end_on,
        max(case when weekday < 6 and holiday_name is null then date_on end)
            over (partition by market, month_start_on) as last_business_day_on
    from dates
)

select
    market,
    date_on,
    cast(year_number as int) as year_number,
    cast((month_number + 2) / 3 as int) as quarter_number,
    cast(month_number as int) as month_number,
    weekday,
    month_start_on,
    month_end_on,
    date_on = month_end_on as is_month_end,
    holiday_name,
    is_business_day,
    coalesce(date_on = last_business_day_on, false) as is_last_business_day_of_month,
    max(case when is_business_day then date_on end) over (
        partition by market
        order by date_on
        rows between unbounded preceding and 1 preceding
    ) as previous_business_day_on,
    min(case when is_business_day then date_on end) over (
        partition by market
        order by date_on
        rows between 1 following and unbounded following
    ) as next_business_day_on
from judged
