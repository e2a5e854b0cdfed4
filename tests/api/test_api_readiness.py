"""Readiness tells a load balancer, and nobody anything else, whether the process takes requests."""

import httpx

from ledger.kernel.engines import create_engine


def _ready(address: str) -> httpx.Response:
    return httpx.get(f"{address}/ready", timeout=10, trust_env=False, verify=False)


def test_a_process_whose_store_answers_is_ready(address):
    answer = _ready(address)

    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_a_schema_of_another_version_is_not_ready_although_it_lives(database_url, serve):
    owner = create_engine(database_url, role=None)
    with owner.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'r999'")
    owner.dispose()

    with serve(database_url) as address:
        answer = _ready(address)

        assert (answer.status_code, answer.json()) == (503, {"ready": False})
        assert httpx.get(f"{address}/health", timeout=10, trust_env=False, verify=False).status_code == 200
