# The README's commands. Each sets up what is missing first: the ESO pipelines of Debian and a
# virtual environment in .venv; `make PYTHON=python3.13 VENV=DIR test` takes another Python.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
DATE := 2020-01-01
# A folder of X-shooter's packages, for a machine without a mirror of Debian's bullseye.
XSHOOTER_PACKAGES := $(wildcard ../shared/packages/xshooter-debian11)

# As users run it: without compiled modules every call of phoenix costs 0.3 s more.
unexport PYTHONDONTWRITEBYTECODE

# One worker a core; tests that share a reduced night go to the same one (tests/workers.py).
PYTEST := $(BIN)/python -m pytest -n logical --maxprocesses 8 --dist loadscope --no-loadscope-reorder $(TESTS)

.PHONY: demo test test-postgres test-slurm quick lint bench docs setup clean
.DEFAULT_GOAL := demo

setup: $(VENV)/.installed
	@PYTHON=$(PYTHON) tools/install-pipelines
	@tools/install-xshooter $(BIN)/python $(XSHOOTER_PACKAGES)

$(VENV)/.installed: pyproject.toml phoenix_giraffe/pyproject.toml phoenix_muse/pyproject.toml phoenix_uves/pyproject.toml phoenix_xshooter/pyproject.toml
	@PYTHON=$(PYTHON) tools/install-pipelines
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test]' -e ./phoenix_giraffe -e ./phoenix_muse -e ./phoenix_uves -e ./phoenix_xshooter
	@touch $@

demo: setup
	tools/demo $(BIN)/python $(DEMO) $(DATE)

test: lint
	$(PYTEST) -m "not slurm"

# One after the other: they share one Slurm of two nodes.
test-slurm: setup
	-@tools/install-slurm
	$(BIN)/python -m pytest $(TESTS) -m slurm tests/slurm

# The store, QC1 and two coordinators on a PostgreSQL of its own, which is started and stopped for it.
test-postgres: setup
	tools/test-postgres $(BIN)/python $(BIN)/python -m pytest tests/store tests/postgres

quick: setup
	$(PYTEST) -m "not recipes and not slow"

# Benchmarks are called by hand, months apart: their names and types are all that is looked at meanwhile.
lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=benchmarks $(BIN)/mypy --follow-imports=silent benchmarks/*.py
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python benchmarks/run_all.py

docs: setup
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[docs]'
	$(BIN)/python -m sphinx -W -b html docs docs/_build/html

clean:
	rm -rf $(DEMO) $(VENV) docs/_build
