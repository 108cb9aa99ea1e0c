# `make help` lists the targets. Only Python 3.11+, make and (later, for the web UI) Node 20 are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEMO := .demo
DATA ?= data
BENCH ?= .bench

.DEFAULT_GOAL := help
.PHONY: help install demo demo-answers serve test test-all check format requirements bench bench-full clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

install: $(INSTALLED) ## Make the environment in .venv and install Gezhi with local models' runtimes

$(INSTALLED): pyproject.toml requirements.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || { echo "Making the environment in $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing packages (some 300 MB the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar on --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: demo-answers ## Install, add the sample documents, answer six questions, then serve the page
	@$(BIN)/gezhi --store $(DEMO)/demo.gezhi serve

demo-answers: install ## The same without the server
	@$(BIN)/python samples/demo.py --store $(DEMO)/demo.gezhi

serve: install ## Serve the store in ./my.gezhi on http://127.0.0.1:8765
	@$(BIN)/gezhi serve

test: check ## Checks and tests: no network, no model, a few minutes
	@$(BIN)/python -m pytest -n auto -m "not slow and not model"

test-all: check ## Also crash, browser, load and real-model tests
	@$(BIN)/python -m pytest

check: install ## Format, lint, types, import rules, house rules: seconds
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@$(BIN)/python -m pytest -p no:cacheprovider tests/house

format: install ## Format the code and mend what lint can mend
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check --fix -q .

requirements: ## Pin the dependencies of pyproject.toml with their hashes (needs uv)
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
		--extra local --extra dev pyproject.toml -o requirements.txt

bench: install ## Small benchmarks on DATA (default: ./data): under ten minutes
	@$(BIN)/python evals/bench.py --data $(DATA)

bench-full: install ## Every figure of docs/benchmarks.md but the peers: hours; needs the default chat model
	@$(BIN)/python evals/bench.py --data $(DATA) --full --keep $(BENCH)

clean: ## Remove the environment, the demo's store and caches
	rm -rf $(VENV) $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
