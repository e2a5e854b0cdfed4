"""The examples of the documentation answer what stands beside them."""

import re

from cofferdam.examples import EXAMPLES, example_answers


def test_every_example_answers_what_stands_beside_it(database_url, vault):
    answers = example_answers(database_url, vault)

    assert len(answers) >= 10
    assert {path.name: text for path, text in answers.items()} == {
        path.name: path.read_text() for path in sorted(EXAMPLES.glob("*.json"))
    }, "make generated writes them anew"
    assert not any('"errors"' in text for text in answers.values())


def test_every_example_begins_with_a_sentence_that_says_what_it_shows():
    for path in EXAMPLES.glob("*.graphql"):
        assert re.match(r"# [A-Z].*\.\n(query|mutation|\{)", path.read_text()), path.name
