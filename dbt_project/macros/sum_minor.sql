{# A sum of minor units in a type that is wider than theirs, so that `as_minor` is what decides whether it fits. #}
{% macro sum_minor(amount) -%}
    {{ return(adapter.dispatch('sum_minor')(amount)) }}
{%- endmacro %}

{% macro default__sum_minor(amount) -%}
    sum({{ amount }})
{%- endmacro %}

{# Sail adds bigints up in bigint, and begins again at the least of them without a word. #}
{% macro sail__sum_minor(amount) -%}
    sum(cast({{ amount }} as decimal(38, 0)))
{%- endmacro %}
