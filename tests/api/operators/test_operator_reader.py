"""The database role of operators' readers: it writes nothing and sees no secret, whatever the policies say."""

import pytest
import sqlalchemy as sa

from ledger.kernel.engines import create_engine
from ledger.kernel.sql import OPERATOR_ROLE
from ledger.records import RECORDS
from ledger.tenancy.records import ApiKey, ApiKeyGrant, OperatorSession
from ledger.vault.records import KeyGeneration, SubjectKey, SubjectName


@pytest.fixture
def operator_reader(api_database):
    made = create_engine(api_database, role=OPERATOR_ROLE)
    yield made
    made.dispose()


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.TABLE)
def test_the_role_of_operators_readers_writes_nothing_whatever_the_policies_say(operator_reader, record):
    for statement in (
        f"DELETE FROM {record.TABLE}",
        f"INSERT INTO {record.TABLE} DEFAULT VALUES",
        f"TRUNCATE {record.TABLE}",
    ):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), operator_reader.begin() as connection:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("record", "column"),
    [
        (ApiKey, "key_hash"),
        (ApiKeyGrant, "key_hash"),
        (OperatorSession, "session_hash"),
        (SubjectKey, "wrapped_key"),
        (SubjectName, "token"),
        (KeyGeneration, "key_hash"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.TABLE,
)
def test_the_role_of_operators_readers_sees_no_secret(operator_reader, record, column):
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), operator_reader.begin() as connection:
        connection.exec_driver_sql(f"SELECT {column} FROM {record.TABLE}")


def test_the_role_of_operators_readers_takes_no_other_role(operator_reader):
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), operator_reader.begin() as connection:
        connection.exec_driver_sql("SELECT narrow_to_key(gen_random_uuid(), ''::bytea)")
