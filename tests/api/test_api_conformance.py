"""Tools of other people find nothing: the audits of GraphQL over HTTP, and the linters of schemas."""

import json
import shutil

from api.graphql.schema import sdl
from tests.npm_packages import HERE, node


def test_every_audit_of_graphql_over_http_is_passed(address, shop):
    done = node("audits.mjs", f"{address}/graphql", shop.key)

    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == 61
    assert [each for each in found if each["status"] != "ok"] == []


def test_the_schema_linter_finds_nothing(tmp_path):
    (tmp_path / "schema.graphql").write_text(sdl())

    done = node(str(HERE / "node_modules/.bin/graphql-schema-linter"), str(tmp_path / "schema.graphql"))

    assert done.returncode == 0, done.stdout


def test_the_relay_rules_of_eslint_find_nothing(tmp_path):
    node("--version")
    (tmp_path / "schema.graphql").write_text(sdl())
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    shutil.copy(HERE / "eslint.config.mjs", tmp_path)

    eslint = str(HERE / "node_modules/eslint/bin/eslint.js")
    done = node(eslint, "--max-warnings", "0", "schema.graphql", folder=tmp_path)
    broken = (tmp_path / "schema.graphql").read_text().replace("pageInfo: PageInfo!", "pageInfo: PageInfo", 1)
    (tmp_path / "schema.graphql").write_text(broken)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "relay" in node(eslint, "schema.graphql", folder=tmp_path).stdout
