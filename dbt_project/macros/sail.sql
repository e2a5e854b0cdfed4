{# What dbt must know to write marts as Delta tables through Sail: the adapter expects Spark's own DDL, and Sail has less. #}

{# A type of the contracts, in Spark's words. #}
{% macro sail_type(data_type) -%}
    {{ return({'varchar': 'string', 'timestamp with time zone': 'timestamp'}.get(data_type, data_type)) }}
{%- endmacro %}

{% macro sail__cast(field, type) -%}
    cast({{ field }} as {{ sail_type(type) }})
{%- endmacro %}

{# A mart is declared with its contract, which Delta then enforces, and its rows are replaced in one commit.

   The log states least and greatest values of what can be measured only: never of text, as in bronze. #}
{% materialization table, adapter='sail' %}
    {%- set mart = this.incorporate(type='table') -%}
    {%- set measured = [] -%}
    {%- for column in model.columns.values() if column.data_type != 'varchar' -%}
        {%- do measured.append(column.name) -%}
    {%- endfor -%}
    {{ get_assert_columns_equivalent(compiled_code) }}
    {% call statement('declare') -%}
        create table if not exists {{ mart }} (
            {%- for column in model.columns.values() %}
            {{ column.name }} {{ sail_type(column.data_type) }}
            {%- if column.constraints | selectattr('type', 'equalto', 'not_null') | list %} not null{% endif %}
            {#- #} comment '{{ column.description | replace("'", "\\'") }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
        using delta
        tblproperties (
            'delta.dataSkippingStatsColumns' = '{{ measured | join(",") }}',
            'delta.deletedFileRetentionDuration' = 'interval 1 days'
        )
        location '{{ var("gold") }}/{{ mart.schema }}/{{ mart.identifier }}'
    {%- endcall %}
    {% call statement('main') -%}
        insert overwrite {{ mart }}
        {{ get_select_subquery(compiled_code) }}
    {%- endcall %}
    {{ return({'relations': [mart]}) }}
{% endmaterialization %}
