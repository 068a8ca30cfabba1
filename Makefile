# handful: what to type. `make` alone lists it.
# Everything runs in .venv, made from requirements.lock (uv where it is there, else venv and pip).

.DEFAULT_GOAL := help
.PHONY: help install review test check format bench shots lock clean

PYTHON_FILES := src tests benchmarks scripts
BIN := .venv/bin
STAMP := .venv/.installed
REVIEW := reviews/alopecia-areata
SITE := site

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv from the lock file (PYTHON=... chooses the interpreter)

$(STAMP): requirements.lock pyproject.toml scripts/install.sh
	@scripts/install.sh
	@touch $@

review: $(STAMP) ## build the shipped review into site/ and print the path of its first page
	@$(BIN)/handful build $(REVIEW) -o $(SITE)
	@test -f $(SITE)/index.html
	@echo $(CURDIR)/$(SITE)/index.html

test: $(STAMP) ## all tests, with coverage (browser tests need Chromium; CI=1 makes leaving them out a failure)
	@$(BIN)/python -m pytest -n auto --cov --cov-report=term:skip-covered $(ARGS)

check: $(STAMP) ## ruff, formatting, mypy --strict, and the direction of imports
	@$(BIN)/ruff check $(PYTHON_FILES)
	@$(BIN)/ruff format --check $(PYTHON_FILES)
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/architecture

format: $(STAMP) ## put the code into its one form
	@$(BIN)/ruff check --fix $(PYTHON_FILES)
	@$(BIN)/ruff format $(PYTHON_FILES)

bench: $(STAMP) ## every benchmark: ratio to its pair, agreement, distance to the goal
	@set -e; for bench in benchmarks/bench_*.py; do echo "== $$bench"; $(BIN)/python $$bench; done

shots: review ## screenshots of the site: 360 and 1280 px, light and dark, into shots/
	@$(BIN)/python scripts/shots.py $(SITE) --to shots

lock: ## write requirements.lock from pyproject.toml again (needs uv)
	@scripts/lock.sh

clean: ## remove what was built; .venv and results stay
	@rm -rf $(SITE) shots build dist .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
