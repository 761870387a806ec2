# `make help` lists the verbs. Everything runs in .venv, which the first verb that needs it makes; afterwards plain `dvc repro` works too.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
REV ?= main
FOLDS ?= 1
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup reproduce test test-slow lint compare experiments ablation leaks publish benchmark clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

$(VENV)/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, found " + sys.version.split()[0] + ": make PYTHON=/path/to/python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/installed ## make .venv with the pinned versions

reproduce: setup ## run the pipeline and print the answer
	@dvc repro || { aisle check > /dev/null; exit 1; }  # DVC does not say which setting is wrong
	@aisle headline

test: setup ## run the tests, except the slow ones
	@python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not slow"

test-slow: setup ## run the slow tests: whole pipelines, long trainings
	@python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m slow

lint: setup ## check style and types
	@ruff check .
	@ruff format --check .
	@mypy

compare: setup ## compare with another revision: is a change more than chance? make compare REV=main
	@aisle compare "$(REV)"

experiments: setup ## print the experiments as a narrow table: changed settings, accuracies, log losses
	@dvc exp show --only-changed --hide-workspace --md \
	  --drop '(Created|State|Executor|[^:]*/[^:]*|[^:]*\.yaml|.*macro_f1)$$' \
	  | sed -E '2d; s#reports/metrics/([^:]+)\.json:#\1 #g; s/candidates\.//g; s/  +/ /g' | column -t -s '|'

ablation: setup ## fit one small network, one change at a time, and compare on val: reports/ablation.md
	@aisle ablation

leaks: setup ## count the duplicates that a split cuts and measure what leaks are worth: reports/leaks.md
	@aisle leaks

publish: setup ## run a profile on your own files: make publish PROFILE=flipkart CATALOGUE=folder WEIGHTS=folder
	@aisle publish "$(PROFILE)" --set CATALOGUE="$(CATALOGUE)" --set WEIGHTS="$(WEIGHTS)"

benchmark: setup ## measure the goals of speed and memory: make benchmark CATALOGUE=folder WEIGHTS=folder [ONLY="input resize"] [FOLDS=5]
	@python -m benchmarks --catalogue "$(CATALOGUE)" --weights "$(WEIGHTS)" --only "$(ONLY)" --folds "$(FOLDS)"

clean: ## remove .venv and the caches of tools; results stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
