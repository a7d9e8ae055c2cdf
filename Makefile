# One word per chore. Everything runs in .venv; nothing is installed outside it.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 7860
BIN := .venv/bin
# Test processes side by side, each with a server and a browser of its own; a test run by hand needs none of this.
WORKERS ?= 2
FREEZE = build/lock/bin/pip freeze --disable-pip-version-check --exclude plan-assistant | sed 's/+cpu$$//' | grep -v ' @ '

.PHONY: install serve test test-full lint fix index bench screenshots lock sbom bundle clean
.DELETE_ON_ERROR:

install: .venv/.installed

.venv/.installed: requirements.lock requirements-dev.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements-dev.lock
	touch $@

serve: install  ## the index of corpus/plans, brought up to date, and the chat at http://HOST:PORT
	exec $(BIN)/python app.py --host $(HOST) --port $(PORT)

test: install  ## the whole suite, with a seeded sample of the heavy parts; under ten minutes on two cores
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow"

test-full: install  ## the release gate: every kill, fuzz and payload; under an hour
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pip check --quiet

fix: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

index: install
	$(BIN)/python -m index build

bench: install  ## compares with a baseline in the same run; prints, never asserts a time
	$(BIN)/python -m evals.bench

screenshots: install  ## the pictures of README and docs, made anew
	$(BIN)/python tools/screenshots.py

lock:  ## both requirements files from pyproject.toml, in an environment of its own
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check "$$(grep -o 'torch==[0-9.]*' pyproject.toml)"
	build/lock/bin/pip install --quiet --disable-pip-version-check .
	( echo '# What the product runs with, pinned: every package. Made by `make lock` from pyproject.toml; do not edit.'; \
	  $(FREEZE) ) > requirements.lock
	build/lock/bin/pip install --quiet --disable-pip-version-check '.[dev]'
	( echo '# What tests and checks need beside it. Made by `make lock` from pyproject.toml; do not edit.'; \
	  echo '--requirement requirements.lock'; $(FREEZE) | grep -vxFf requirements.lock ) > requirements-dev.lock
	rm -rf build

sbom: install  ## the packages that the product runs with, as CycloneDX, in build/
	$(BIN)/python -m tools.sbom build/sbom.cdx.json

bundle: install  ## for a machine with no network: packages, model, project and index, in build/bundle; signed with SIGN_KEY
	$(BIN)/python -m tools.bundle

clean:
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis
