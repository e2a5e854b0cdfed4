"""Laws of execution: a plan gives what graphql-core gives, whatever is asked of whatever schema."""

from graphql import execute_sync, parse
from hypothesis import given
from hypothesis import strategies as st

from api.execution.documents import DocumentRefused
from api.execution.executor import PlanExecutor
from tests.laws.execution_results import shown
from tests.laws.nasty_schema import Chance, nasty_schema
from tests.laws.operations import Asked, asked

SCHEMA = nasty_schema()
EXECUTOR = PlanExecutor(SCHEMA)


@given(
    asked=asked(SCHEMA),
    chance=st.builds(Chance, st.integers(0, 2**32), st.sampled_from([0.0, 0.02, 0.1, 0.3])),
)
def test_a_plan_gives_what_graphql_core_gives_of_a_schema_full_of_faults(asked: Asked, chance: Chance):
    try:
        prepared = EXECUTOR.prepare(asked.text)
    except DocumentRefused:  # a variation may rename two fields alike
        return

    planned = EXECUTOR.run(EXECUTOR.ask(prepared, asked.variables), context=chance)

    reference = execute_sync(SCHEMA, parse(asked.text), context_value=chance, variable_values=asked.variables)
    assert shown(planned) == shown(reference)
