# One word for each daily act. A fresh machine needs python3 (3.11 or newer, with venv) and make.

PYTHON ?= python3
# Test files that run side by side.
JOBS   ?= 2
# Live tests mostly wait for phones that talk: they take a third of a core each.
LIVE_JOBS ?= 3
# A test that hangs is ended; a machine that others use as well has made one of 7 s take 105.
HANGS  := --timeout=400
# The first takes some 2 minutes of CPU, the second 6; the property tests, with 5,000 examples each,
# more than an hour.
FUZZ_INPUTS ?= 1000000
FUZZ_STORIES ?= 10000
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

# Without compiled modules every process that a test starts, and every `make run`, compiles the whole
# house again: a third of its start.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup run test check live again fuzz bench clean

setup: $(READY)         ## everything but a start; again after each new version
	-@$(BIN)/python -m media.native

run: $(READY)           ## start the demo office
	$(BIN)/softswitch run --demo --data var

test: $(READY)          ## everything but the live tests
	$(BIN)/python -m pytest -q -m "not live" $(HANGS) -n $(JOBS) --dist loadfile

check: $(READY)         ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_floors.py

live: $(READY)          ## foreign phones against the real server (baresip, linphone, SIPp, …)
	$(BIN)/python -m pytest -q -m live $(HANGS) -n $(LIVE_JOBS) --dist loadfile tests/live

again: $(READY)         ## what failed last, one after the other
	$(BIN)/python -m pytest -q --last-failed --last-failed-no-failures=none --timeout=400

fuzz: $(READY)          ## hostile input (FUZZ_INPUTS), calls by chance (FUZZ_STORIES), property tests
	$(BIN)/python -m tests.fuzz --inputs $(FUZZ_INPUTS)
	$(BIN)/python -m tests.fuzz.calls --stories $(FUZZ_STORIES)
	$(BIN)/python -m pytest -q -m "not live" -k "fuzz or pump or property" --hypothesis-profile=fuzz --timeout=900

bench: $(READY)         ## measure the budgets (not a test)
	$(BIN)/python -m benchmarks

clean:                  ## forget the virtual environment and every cache; var/ stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made once, and again when what it was made from changes. Everything is pinned, the build's own
# tools too, so nothing else is fetched (--no-build-isolation).
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "softswitch needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1)."; \
	  echo "Name another one:  make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv is missing; run:  sudo apt-get install -y python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	-@$(BIN)/python -m media.native
	@touch $(READY)
