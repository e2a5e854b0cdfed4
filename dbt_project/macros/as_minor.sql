{# A sum of minor units as bigint: it was added up in a wider type, and the cast fails where it does not fit. #}
{% macro as_minor(sum) -%}
    cast({{ sum }} as bigint)
{%- endmacro %}
