"""Which transfers are cash: the rules of classification choose as plainly written ones do, whatever rules there are."""

from datetime import date, timedelta
from uuid import UUID

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from pipelines.exports.cash import cash_above_threshold, unclassified_codes

DAY = date(2026, 1, 9)
CODES = ("payin", "payout")
PARTNERS = {1: UUID(int=11), 2: UUID(int=12)}
ABOVE_MINOR = 1_000_001
TABLES = """
    CREATE SCHEMA lake;
    CREATE TABLE lake.partners (book_id INT, partner_no INT, partner_id UUID, external_ref TEXT);
    CREATE TABLE lake.customers (book_id INT, customer_id TEXT, person_id TEXT);
    CREATE TABLE lake.accounts (book_id INT, account_no INT, account_id TEXT, customer_id TEXT);
    CREATE TABLE lake.transfers (book_id INT, seq INT, amount_minor BIGINT, code TEXT, booked_on DATE,
        debit_account_no INT, credit_account_no INT, partner_no INT, kind TEXT, currency TEXT, reverses_seq INT);
    CREATE TABLE lake.transfer_classifications (seq INT, code TEXT, from_on DATE, partner_id UUID, transfer_class TEXT);
"""

rules = st.tuples(
    st.sampled_from(CODES),
    st.integers(-2, 2).map(lambda days: DAY + timedelta(days=days)),
    st.sampled_from([None, *PARTNERS.values()]),
    st.sampled_from(["cash_in", "cash_out", "payment"]),
)


def chosen(declared, code, partner_id):
    """The class by the rule of the partner before that of the book, the latest begun, and of these the newest."""
    found = [each for each in enumerate(declared) if each[1][0] == code and each[1][1] <= DAY]
    found = [each for each in found if each[1][2] in (None, partner_id)]
    best = max(found, key=lambda each: (each[1][2] is not None, each[1][1], each[0]), default=None)
    return None if best is None else best[1][3]


@given(declared=st.lists(rules, max_size=8))
def test_the_rules_choose_what_is_cash_and_name_what_nobody_classified(declared):
    transfers = [(code, number) for code in CODES for number in PARTNERS]
    with duckdb.connect() as facts:
        facts.execute(TABLES)
        for number, name in PARTNERS.items():
            facts.execute("INSERT INTO lake.partners VALUES (1, ?, ?, ?)", [number, name, f"p{number}"])
        for seq, rule in enumerate(declared):
            facts.execute(
                "INSERT INTO lake.transfer_classifications VALUES (?, ?, ?, ?, ?)",
                [seq, *rule],
            )
        for at, (code, number) in enumerate(transfers):
            for side in (0, 1):  # the debited and the credited account, each of a person of its own
                who = UUID(int=100 * (side + 1) + at)
                facts.execute("INSERT INTO lake.customers VALUES (1, ?, ?)", [str(who), str(who)])
                facts.execute("INSERT INTO lake.accounts VALUES (1, ?, ?, ?)", [10 * side + at, str(who), str(who)])
            facts.execute(
                "INSERT INTO lake.transfers VALUES (1, ?, ?, ?, ?, ?, ?, ?, 'transfer', 'USD', NULL)",
                [at, ABOVE_MINOR, code, DAY, at, 10 + at, number],
            )
        reported = {each.person_id for each in cash_above_threshold(facts, (DAY, DAY))}
        unknown = unclassified_codes(facts, (DAY, DAY))

    classes = {each: chosen(declared, each[0], PARTNERS[each[1]]) for each in transfers}
    paid_out = {UUID(int=100 + at) for at, each in enumerate(transfers) if classes[each] == "cash_out"}
    paid_in = {UUID(int=200 + at) for at, each in enumerate(transfers) if classes[each] == "cash_in"}
    assert reported == paid_in | paid_out
    assert unknown == sorted(f"p{number}: {code}" for code, number in transfers if classes[code, number] is None)
