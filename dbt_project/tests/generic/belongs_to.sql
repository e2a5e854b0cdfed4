{# Every row's columns name a row of the parent: a relationship over a key of several columns. As with a foreign key,
   a row in which one of them is null names none. #}
{% test belongs_to(model, columns, to) %}
select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is not null and ') }} is not null
except
select {{ columns | join(', ') }}
from {{ to }}
{% endtest %}
