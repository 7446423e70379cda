# Verbs of the project; `make help` lists them. Everything happens inside .venv.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# One thread per process: the tests and the benchmark compare like with like.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM

.DEFAULT_GOAL := help
.PHONY: help install run test lint types unit browser need-browser format pretrain bench bench-modular bench-sweep bench-information clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv and install the project into it

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	@touch $@

run: install ## serve the dashboard on http://127.0.0.1:8050
	$(BIN)/python -m dashboard serve

test: lint types unit browser ## all checks and all tests

lint: install ## style, format, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: install ## static types
	$(BIN)/mypy

unit: install ## tests without a browser
	$(ONE_THREAD) $(BIN)/python -m pytest -m "not browser"

browser: install need-browser ## tests in a real browser
	$(ONE_THREAD) $(BIN)/python -m pytest -m browser

need-browser:
	@test -n "$(CHROMIUM)" && command -v "$(CHROMIUM)" >/dev/null || { \
	  echo "The browser tests need Chromium. On Debian or Ubuntu: apt-get install chromium"; \
	  echo "or name a binary: make browser CHROMIUM=/path/to/chrome"; exit 1; }

format: install ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pretrain: install ## train the shipped runs again from their recipes
	$(BIN)/python -m dashboard pretrain all

bench: install need-browser ## measure training, the web process and the page; exit code 1 if a bar is missed
	$(BIN)/python benchmarks/interactive_run.py
	$(BIN)/python benchmarks/web_process.py
	$(BIN)/python benchmarks/page.py

bench-modular: install ## measure the engine of modular addition against the plain loop (2 minutes)
	$(BIN)/python benchmarks/modular.py

bench-sweep: install ## measure the sweep engine against plain, batched and jax loops (8 minutes)
	$(BIN)/python benchmarks/sweep.py

bench-information: install need-browser ## measure the bottleneck's engine, the game and the page of information (3 minutes)
	$(BIN)/python benchmarks/bottleneck.py
	$(BIN)/python benchmarks/information.py

clean: ## remove caches (not .venv, not runs/)
	rm -rf .pytest_cache .ruff_cache .mypy_cache .import_linter_cache test-artifacts
	find dashboard tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
