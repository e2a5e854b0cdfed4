{# Every row's columns name a row of the parent: a relationship over a key of several columns. #}
{% test belongs_to(model, columns, to) %}
select {{ columns | join(', ') }}
from {{ model }}
except
select {{ columns | join(', ') }}
from {{ to }}
{% endtest %}
