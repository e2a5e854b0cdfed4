{# What must come out even does: the column is zero in every row. #}
{% test is_always_zero(model, column_name) %}
select *
from {{ model }}
where {{ column_name }} <> 0
{% endtest %}
