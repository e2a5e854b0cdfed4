{# The bronze tables at their pinned versions, under the names of the source `lake`, before any model is built.

   DuckDB finds them in the file that it builds in. Sail's catalog lives as long as its session, so that each run
   tells it anew where they are: `sources` are statements, as pipelines/marts/gold.py writes them. #}
{% macro pin_sources() -%}
    {{ return(adapter.dispatch('pin_sources')()) }}
{%- endmacro %}

{% macro default__pin_sources() -%}
{%- endmacro %}

{% macro sail__pin_sources() -%}
    {%- if execute -%}
        {%- for statement in var('sources', []) -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
