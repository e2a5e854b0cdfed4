# Every command works on a fresh clone of a machine with Python >= 3.11, make and git.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV   := .venv
UI     := .venv-dagster
SCALE  := .venv-scale
SDKS   := .venv-sdks
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)

# No Python takes modules from its working folder: this one is put on the path of an environment.
importable = echo "$(CURDIR)" > "$$($(1)/python -c 'import site; print(site.getsitepackages()[0])')/cofferdam.pth"

# Commands and dbt are processes of their own: what one has compiled, the next one need not compile again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install scale sdks browser run test suite test-scale soak check style guards generated migration bench lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

.uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer is on the PATH; install one, or say make PYTHON=/path/to/it"; exit 1; }
	@$(PYTHON) -m venv .uv >/dev/null 2>&1 || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq && \
		apt-get install -y -qq python3-venv && $(PYTHON) -m venv .uv; } >/dev/null 2>&1 || \
		{ echo "python3-venv is missing: install it (Debian: apt-get install python3-venv) or install uv"; exit 1; }
	@.uv/bin/pip install --quiet --disable-pip-version-check uv

$(VENV)/.installed: requirements.lock pyproject.toml Makefile | $(filter .uv/bin/uv,$(UV))
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer is on the PATH; install one, or say make PYTHON=/path/to/it"; exit 1; }
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@printf '#!/bin/sh\nexec "%s/python" -I -m cofferdam "$$@"\n' "$(abspath $(BIN))" > $(BIN)/cofferdam && chmod +x $(BIN)/cofferdam
	@$(call importable,$(BIN))
	@touch $@

$(UI)/.installed: dagster_home/requirements.lock Makefile | $(filter .uv/bin/uv,$(UV))
	@test -x $(UI)/bin/python || $(UV) venv --quiet --python $(PYTHON) $(UI)
	@$(UV) pip sync --quiet --python $(UI)/bin/python --require-hashes dagster_home/requirements.lock
	@$(call importable,$(UI)/bin)
	@touch $@

$(SCALE)/.installed: dbt_project/scale.lock | $(filter .uv/bin/uv,$(UV))
	@test -x $(SCALE)/bin/python || $(UV) venv --quiet --python $(PYTHON) $(SCALE)
	@$(UV) pip sync --quiet --python $(SCALE)/bin/python --require-hashes dbt_project/scale.lock
	@touch $@

$(SDKS)/.installed: sdks/python/codegen.lock Makefile | $(filter .uv/bin/uv,$(UV))
	@test -x $(SDKS)/bin/python || $(UV) venv --quiet --python $(PYTHON) $(SDKS)
	@$(UV) pip sync --quiet --python $(SDKS)/bin/python --require-hashes sdks/python/codegen.lock
	@touch $@

install: $(VENV)/.installed $(UI)/.installed ## the locked dependencies, into .venv and .venv-dagster

scale: install $(SCALE)/.installed ## Sail too, into .venv-scale: for `cofferdam build --engine sail`

run: install ## start everything, with a sandbox programme, and keep it running
	@$(BIN)/cofferdam demo

# The page tests drive a real browser. Root on Debian gets one; everybody else skips those tests, with that reason.
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && export DEBIAN_FRONTEND=noninteractive && \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 || \
		echo "there is no chromium: the page tests are skipped"

# Types take one core for a minute and a half: they are checked beside the tests. What a formatter mends is said before.
test: install browser $(SDKS)/.installed ## everything that CI runs
	@$(MAKE) --no-print-directory style
	@$(MAKE) --no-print-directory -j2 suite guards

suite:
	@$(BIN)/python -m pytest --numprocesses 3 --durations 20 --ignore tests/shape --ignore tests/test_shape.py

test-scale: scale ## the marts on Sail against those on DuckDB, and the lake read by Sail
	@$(BIN)/python -m pytest -m scale

soak: install ## the long runs: kills of writers, PostgreSQL and stream workers by the thousand, 60 seeds of the simulation, all card payments, audits of privacy by thousands of releases, every schedule three times
	@KILLS=250 $(BIN)/python -m pytest -q --timeout 1800 tests/faults/test_posting_kills.py
	@KILLS=200 $(BIN)/python -m pytest -q --timeout 1800 tests/faults/test_outbox_kills.py
	@KILLS=1000 $(BIN)/python -m pytest -q --timeout 1800 tests/faults/test_stream_*.py tests/pipelines/stream/test_stream_damage.py tests/pipelines/stream/test_stream_rebuild.py tests/pipelines/silver/test_silver_kills.py
	@KILLS=100 $(BIN)/python -m pytest -q --timeout 1800 tests/faults/test_crossing_kills.py
	@KILLS=40 $(BIN)/python -m pytest -q --timeout 1800 tests/faults/test_server_kills.py
	@SOCKETS=1000 $(BIN)/python -m pytest -q --timeout 1800 tests/api/subscriptions/test_ends.py
	@SEEDS=60 STEPS=300 $(BIN)/python -m pytest -q --timeout 1800 tests/simulation tests/pipelines/silver/test_silver_laws.py
	@EXAMPLES=1000 $(BIN)/python -m pytest -q --timeout 1800 tests/laws --ignore tests/laws/test_execution_laws.py
	@EXAMPLES=10000 $(BIN)/python -m pytest -q --timeout 7200 tests/laws/test_execution_laws.py tests/api/execution/test_execution_agreement.py
	@EXAMPLES=2000 $(BIN)/python -m pytest -q --timeout 3600 tests/api/test_api_fuzz.py
	@DOCUMENTS=10000 $(BIN)/python -m pytest -q --timeout 1800 tests/api/limits/test_memory.py
	@TICKS=3 $(BIN)/python -m pytest -q --timeout 1800 tests/pipelines/test_daemon.py
	@RELEASES=5000 $(BIN)/python -m pytest -q --timeout 1800 tests/lake/privacy/test_privacy_audits.py
	@ROWS=1303778 $(BIN)/python -m pytest -q --timeout 3600 tests/stories/test_import_real_files.py

check: install style guards ## format, lint, types, contracts, the shape of the house

style: install
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .

guards: install $(SDKS)/.installed
	@$(BIN)/mypy
	@cd sdks/python && ../../$(SDKS)/bin/mypy --strict --no-error-summary cofferdam_client examples
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q tests/test_shape.py tests/shape

generated: install ## write all that follows from the code: schema.graphql, dbt sources and staging, dictionary, golden files, SDKs
	@$(BIN)/python -m cofferdam generated
	@$(MAKE) --no-print-directory sdks

sdks: $(SDKS)/.installed ## write the generated parts of both SDKs again, from the newest released schema and the operations
	@$(SDKS)/bin/python sdks/python/codegen/generate.py sdks/python/cofferdam_client/generated >/dev/null
	@command -v npm >/dev/null || { echo "the TypeScript client needs Node 20 or newer with npm (Debian: nodejs, npm)"; exit 1; }
	@cd sdks/typescript && { test node_modules -nt package-lock.json || npm ci --ignore-scripts --no-audit --no-fund --loglevel error; }
	@cd sdks/typescript && mkdir -p src/generated && npm run --silent generate

migration: install ## draft the next revision from what the records declare: make migration NAME=disputes_of_cards
	@$(BIN)/python -m cofferdam migration "$(NAME)"

bench: install ## every benchmark, each beside its reference
	@for name in post growth stream freshness scan execute read lists post-http flood subscribe webhooks insights; do $(BIN)/cofferdam bench $$name; done

lock: | $(filter .uv/bin/uv,$(UV)) ## resolve the dependencies anew
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --group dev --output-file requirements.lock pyproject.toml
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --output-file dagster_home/requirements.lock dagster_home/requirements.in
	@$(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --group pyproject.toml:scale --output-file dbt_project/scale.lock

clean: ## forget the environments; the data under .cofferdam stays
	rm -rf $(VENV) $(UI) $(SCALE) $(SDKS) .uv
