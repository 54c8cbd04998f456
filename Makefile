# Every target sets up what it needs; a second call finds it done.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
# Worker processes of pytest.
WORKERS ?= 2
# `make agreement` takes every so manieth task.
STRIDE ?= 1
# What search may try for a task in `make found` and `make library`.
NODES ?= 60000
# How long `make fuzz` runs.
FUZZ_SECONDS ?= 60

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
MANIFEST := rust/Cargo.toml
RUST_SOURCES := $(shell find rust -name target -prune -o -type f \
	\( -name '*.rs' -o -name 'Cargo.*' \) -print 2>/dev/null)
CARGO := $(shell command -v cargo 2>/dev/null)

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: solve
solve: build ## Solve the training tasks of ARC-AGI-1 with the library
	$(BIN)/batt solve --dataset arc-agi-1 --split training --sources library,archive

.PHONY: test
test: lint rust-test ## Run all that CI runs
	$(BIN)/python -m pytest -n $(WORKERS)

.PHONY: lint
lint: build rust-lint ## Check form, style and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

.PHONY: format
format: .venv/.environment ## Put all sources into form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
ifneq ($(CARGO),)
	cargo fmt --manifest-path $(MANIFEST) --all
endif

.PHONY: build
build: .venv/.package ## Set up .venv and build the native engine

.PHONY: bench
bench: build ## Run all benchmarks
	$(BIN)/batt bench
	shopt -s nullglob; for script in benchmarks/*.py; do \
		echo "== $$script"; $(BIN)/python "$$script"; done

.PHONY: charts
charts: build ## Draw the charts of docs/performance.md from docs/charts/*.json
	$(PIP) install --group charts
	$(BIN)/python docs/charts.py

.PHONY: moves
moves: build ## Learn the costs of search's moves from the shipped library
	$(BIN)/python -m arcbatt.search.learn

.PHONY: functions
functions: build ## Learn the functions of the library from its programs
	$(BIN)/batt learn --output src/arcbatt/library/functions.py

.PHONY: found
found: build ## Write library/found.py anew: what search finds with NODES=60000 on training tasks
	$(BIN)/python -m arcbatt.evaluation.harvest found --nodes $(NODES) --jobs $(WORKERS) \
		--results found-$(NODES).jsonl
	rm -f found-$(NODES).jsonl

.PHONY: library
library: build ## Take what search finds with NODES=60000 on training tasks into library/solvers.py
	$(BIN)/python -m arcbatt.evaluation.harvest solvers --nodes $(NODES) --jobs $(WORKERS) \
		--results library-$(NODES).jsonl
	rm -f library-$(NODES).jsonl

.PHONY: fuzz
fuzz: build ## Throw random graphs and rubbish at both engines, for FUZZ_SECONDS=60
	$(BIN)/python -m tests.fuzz.engines --seconds $(FUZZ_SECONDS)

.PHONY: properties
properties: build ## Search for counterexamples to the properties, for longer than the tests do
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n $(WORKERS) --timeout 3600 tests/property

.PHONY: agreement
agreement: build ## Compare both engines node by node on whole splits, every STRIDE=1th task
	$(BIN)/python -m tests.conformance.agreement --stride $(STRIDE) --jobs $(WORKERS)

.PHONY: signature
signature: build ## Print the signature of a fixed small run, and keep it in the tests
	$(BIN)/python -m arcbatt.cli.signature | tee tests/quality/signature.txt

.PHONY: counts
counts: build ## Print what a fixed small run counts, and keep it in the tests
	$(BIN)/python -m tests.quality.test_counts

.PHONY: clean
clean: ## Remove all that was built, .venv too
	rm -rf .venv build dist rust/target src/*.egg-info src/arcbatt/_engine*.so
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

.PHONY: rust-lint rust-test
ifneq ($(CARGO),)
rust-lint:
	cargo fmt --manifest-path $(MANIFEST) --all --check
	cargo clippy --manifest-path $(MANIFEST) --locked --workspace --all-targets -- -D warnings

rust-test: build
	cargo test --manifest-path $(MANIFEST) --locked --workspace --quiet
	$(BIN)/python -m mypy.stubtest arcbatt._engine
else ifneq ($(CI),)
rust-lint rust-test:
	@echo "cargo is not on PATH: CI needs Rust (https://rustup.rs)" >&2; exit 1
else
rust-lint rust-test:
	@echo "cargo is not on PATH: $@ is left out"
endif

.venv/.environment: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "arcbatt needs Python 3.11 or newer; $(PYTHON) is" \
			"$$($(PYTHON) --version 2>&1 || true). Name another one: make PYTHON=python3.11" >&2; \
		exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --upgrade 'pip>=25.1'
	$(PIP) install --group dev
	@touch $@

# A stale engine must not hide that a new one was not built.
.venv/.package: .venv/.environment $(RUST_SOURCES)
	rm -f src/arcbatt/_engine*.so
ifneq ($(CARGO),)
	@echo "Building the native engine; the first time takes a minute or two."
	$(PIP) install --no-build-isolation --editable .
	@$(BIN)/python -c 'import arcbatt._engine' || { \
		$(BIN)/python -m pip install --verbose --no-build-isolation --no-deps --editable . >&2; \
		echo "The native engine was not built (see above): arcbatt will run on the reference" \
			"engine. To try again: make clean build" >&2; \
		test -z "$${CI:-}"; }
else
	$(PIP) install --no-build-isolation --editable .
	@echo "cargo is not on PATH: arcbatt will run on the reference engine." \
		"For the native one, install Rust (https://rustup.rs) and run: make clean build"
endif
	@touch $@
