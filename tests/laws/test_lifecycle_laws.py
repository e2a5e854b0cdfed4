"""Laws of life cycles: what is accepted is a path of the diagram; what is refused names exactly what is legal."""

import re
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.book.records.monitors import Monitor
from ledger.flows.registry import LIFE_CYCLES
from ledger.kernel.errors import IllegalTransition
from ledger.kernel.lifecycle import LifeCycle, Transition


class State(StrEnum):
    OPEN = "open"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


VERBS = ("begin", "review", "win", "lose", "re_open")


@st.composite
def life_cycles(draw):
    """Any life cycle over some states: at most one transition per state and verb."""
    befores = st.sampled_from([None, *State])
    pairs = draw(st.lists(st.tuples(befores, st.sampled_from(VERBS)), unique=True, min_size=1, max_size=12))
    steps = tuple(Transition(before, draw(st.sampled_from(State)), verb) for before, verb in pairs)
    return LifeCycle("dispute", Monitor, "monitor_id", lambda state: state, steps)


@given(life=life_cycles(), verbs=st.lists(st.sampled_from(VERBS), max_size=20))
def test_accepted_steps_are_a_path_of_the_diagram_and_refused_ones_change_nothing(life, verbs):
    state, drawn = None, set(life.diagram())
    for verb in verbs:
        legal = {each.verb: each.after for each in life.legal_from(state)}
        if verb in legal:
            after = life.after(state, verb)
            assert after == legal[verb]
            assert f"    {state or '[*]'} --> {after}: {verb.replace('_', ' ')}" in drawn
            state = after
        else:
            with pytest.raises(IllegalTransition) as refused:
                life.after(state, verb)
            named = re.findall(r"(?:become|or) ([\w ]+) \(([\w ]+)\)", str(refused.value))
            assert named == [
                (each.after.replace("_", " "), each.verb.replace("_", " ")) for each in life.legal_from(state)
            ]


@pytest.mark.parametrize("life", LIFE_CYCLES, ids=lambda life: life.noun)
def test_every_declared_life_begins_is_unambiguous_and_reaches_every_state(life):
    steps = [(each.before, each.verb) for each in life.transitions]
    reached, known = set(), {None}
    while known - reached:
        reached |= (before := known - reached)
        known |= {each.after for each in life.transitions if each.before in before}

    assert len(set(steps)) == len(steps)
    assert known == {None, *(each.before for each in life.transitions), *(each.after for each in life.transitions)}
    assert {each.after.__class__ for each in life.transitions} == {type(next(iter(known - {None})))}
    assert known - {None} == set(type(next(iter(known - {None}))))
