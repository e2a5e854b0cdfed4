{# An id as the API, the command line and webhooks write it: the noun's prefix, and the id without dashes. #}
{% macro public_id(prefix, id) -%}
    '{{ prefix }}_' || replace({{ id }}, '-', '')
{%- endmacro %}
