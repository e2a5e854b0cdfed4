"""A fact is followed on to the rows of the marts that stand on it."""

from uuid import UUID

import pytest

from ledger.kernel.errors import InvalidId, InvalidInput, NotFound
from ledger.kernel.ids import new_id
from ledger.public_ids import public
from pipelines.lineage.facts import trace_fact


def ids(tracing, table, noun):
    """The public ids of a bronze table's rows, with their positions."""
    rows = tracing.warehouse.execute(f"SELECT {noun}_id, book_id, seq FROM lake.{table}").fetchall()
    return [(f"{public(noun, new_id())[:4]}{value.replace('-', '')}", book, seq) for value, book, seq in rows]


def test_a_transfer_leads_to_its_position_commit_file_batch_and_the_rows_that_stand_on_it(tracing):
    (name,) = [name for name, book, seq in ids(tracing, "transfers", "transfer") if (book, seq) == (1, 11)]

    trace = trace_fact(tracing, name, limit=2)

    assert (trace.cut.book_name, trace.position, trace.table) == ("sandbox", 11, "transfers")
    assert (trace.row["amount_minor"], trace.row["kind"]) == (2_500, "transfer")
    assert [(each.commit.version, each.positions) for each in trace.source.commits] == [(1, 1)]
    assert [each.positions for each in trace.source.files] == [1]
    assert (trace.batch.first_seq, trace.batch.last_seq) == (11, 11)
    assert trace.batch.proof == "cofferdam proof --position 11 --book sandbox --upto 16"
    assert [(each.mart, each.what, each.rows) for each in trace.marts] == [
        ("fct_account_balances_daily", "entries of the day", 2),
        ("fct_account_balances_daily", "entries up to and with the day", 3),
        ("fct_account_balances_daily", "entries of the next day, which end it", 2),
        ("fct_entry", "the entry", 2),
        ("fct_entry", "the transfer", 2),
        ("fct_partner_volume_daily", "transfers that moved money", 1),
        ("fct_transfer", "the transfer", 1),
        ("rpt_statement_lines", "the entry", 2),
        ("rpt_statement_lines", "the transfer", 2),
        ("rpt_statement_lines", "entries up to and with it", 4),
        ("rpt_trial_balance", "their entries", 2),
        ("rpt_trial_balance", "entries of all kinds", 3),
    ]
    assert all(len(each.keys) == min(each.rows, 2) for each in trace.marts)


def test_forward_and_back_say_the_same_of_every_position(traced_facts, traced_rows):
    forward = {
        (fact.cut.book_id, fact.position, each.mart, each.what, *key.values())
        for fact in traced_facts
        for each in fact.marts
        for key in each.keys
    }
    back = {
        (row.cut.book_id, seq, row.mart, origin.what, *row.key.values())
        for row in traced_rows
        for origin in row.origins
        for seq in origin.positions.listed
    }

    assert forward == back
    assert len(forward) > 100


@pytest.mark.parametrize(
    ("table", "noun", "marts"),
    [
        (
            "accounts",
            "account",
            {
                "dim_account",
                "dim_customer",
                "fct_account_balances_daily",
                "fct_entry",
                "fct_transfer",
                "rpt_statement_lines",
                "rpt_trial_balance",
            },
        ),
        ("customers", "customer", {"dim_customer", "dim_partner"}),
        (
            "partners",
            "partner",
            {
                "dim_account",
                "dim_customer",
                "dim_partner",
                "fct_entry",
                "fct_hold",
                "fct_partner_volume_daily",
                "fct_refusal",
                "fct_transfer",
            },
        ),
        ("refused_transfers", "transfer", {"fct_partner_volume_daily", "fct_refusal"}),
    ],
)
def test_every_kind_of_fact_with_an_id_of_its_own_is_found_by_it(tracing, table, noun, marts):
    stood = set()
    for name, book_id, seq in ids(tracing, table, noun):
        trace = trace_fact(tracing, name, limit=5)
        assert (trace.table, trace.cut.book_id, trace.position) == (table, book_id, seq)
        stood |= {each.mart for each in trace.marts}

    assert stood == marts


def test_a_fact_that_no_mart_is_made_from_has_no_row_that_stands_on_it(tracing):
    assert trace_fact(tracing, "sandbox@9", limit=5).table == "actors"
    assert trace_fact(tracing, "sandbox@9", limit=5).marts == []


@pytest.mark.parametrize(
    ("name", "fault", "says"),
    [
        ("trf_1", InvalidId, "is not an id of kind transfer; such ids look like trf_018f"),
        (public("transfer", UUID(int=1)), NotFound, "no transfer trf_.* true for sandbox@1 to @16, second@1 to @10"),
        (public("monitor", UUID(int=2)), InvalidInput, "name any other fact by its position, as BOOK@POSITION"),
        ("sandbox@17", NotFound, "no position sandbox@17; it is true for sandbox@1 to @16"),
        ("sandbox@0", NotFound, "no position sandbox@0"),
        ("cards@1", NotFound, "no position cards@1"),
        ("sandbox@x", InvalidInput, "is no position; write the book's name and a number, such as cards@1200"),
    ],
)
def test_what_names_no_fact_of_the_warehouse_is_refused_with_what_would_be_right(tracing, name, fault, says):
    with pytest.raises(fault, match=says):
        trace_fact(tracing, name, limit=5)
