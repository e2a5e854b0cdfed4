{# Minor units as an exact decimal of the currency, with four decimals; `unit` is the currency's minor unit. #}
{% macro as_decimal(minor, unit) -%}
    cast(cast({{ minor }} as decimal(19, 0)) * {{ unit }} as decimal(28, 4))
{%- endmacro %}
