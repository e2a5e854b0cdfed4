"""The locks hold what the decisions on dependencies say."""

import re
from pathlib import Path

import pytest

from tests.shape import papers
from tests.shape.source import Source

_ROOT = Path(__file__).parent.parent.parent
_MAIN, _WEB_UI, _SCALE = "requirements.lock", "dagster_home/requirements.lock", "dbt_project/scale.lock"


def _lock(name: str) -> str:
    return (_ROOT / name).read_text(encoding="utf-8")


def _versions(name: str) -> dict[str, tuple[int, ...]]:
    pins = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([\d.]+)", _lock(name), re.MULTILINE)
    return {package: tuple(int(part) for part in version.split(".") if part) for package, version in pins}


@pytest.mark.parametrize("name", [_MAIN, _WEB_UI, _SCALE])
def test_every_pin_has_hashes_and_no_lock_names_a_registry(name: str) -> None:
    pins = re.split(r"^(?=[a-z0-9])", _lock(name), flags=re.MULTILINE | re.IGNORECASE)[1:]

    assert len(pins) > 20
    assert [pin.splitlines()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []
    assert list(papers.portable(Source(name, _lock(name)))) == []


def test_dbt_is_of_the_line_that_builds_without_a_download() -> None:
    versions = _versions(_MAIN)

    assert versions["dbt-core"][:2] == (1, 11)
    assert versions["dbt-duckdb"][:2] == (1, 11)


def test_the_api_and_the_web_ui_each_have_the_graphql_core_they_need() -> None:
    assert _versions(_MAIN)["graphql-core"] >= (3, 3)
    assert _versions(_WEB_UI)["graphql-core"] < (3, 3)


def test_both_environments_run_one_version_of_dagster() -> None:
    assert _versions(_MAIN)["dagster"] == _versions(_WEB_UI)["dagster"]
    assert "dagster-webserver" not in _versions(_MAIN)


def test_both_engines_run_the_models_by_one_line_of_dbt() -> None:
    main, scale = _versions(_MAIN), _versions(_SCALE)

    assert scale["dbt-core"][:2] == main["dbt-core"][:2] == (1, 11)
    assert "dbt-duckdb" not in scale


def test_sail_is_not_in_the_default_installation_and_brings_no_jars() -> None:
    main, scale = _versions(_MAIN), _versions(_SCALE)

    assert {"pysail", "dbt-sail"} <= scale.keys()
    assert not {"pysail", "dbt-sail", "dbt-spark", "pyspark-client"} & main.keys()
    assert "pyspark" not in scale
    assert scale["pyspark-client"] >= (4,)
