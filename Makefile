# Modeldesk's workshop. `make run` on a bare Debian 12 is enough; `make help` lists the rest.

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
# Bytecode is compiled afterwards, on all cores and without the libraries' own tests. Otherwise each process
# compiles for itself, some eight seconds of it, wherever PYTHONDONTWRITEBYTECODE is set or the folder is read-only.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes
COMPILE := $(BIN)/python -m compileall -q -j 0 -x '/tests?/' $(VENV)/lib
# One more than the cores: many tests wait for other processes. Files are given out in the order of tests/conftest.py.
PYTEST_FLAGS ?= -n 3 --dist loadfile --no-loadscope-reorder
SERVE_FLAGS ?=
# numpy's and scikit-learn's own threads only get in each other's way on small data.
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help run test lint format bench soak screenshots wheel lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

run: $(VENV)/.runtime ## install what is needed, then serve on http://127.0.0.1:8050
	$(BIN)/modeldesk serve $(SERVE_FLAGS)

test: $(VENV)/.test $(VENV)/.system lint ## install what is needed, then check and test everything
	$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: $(VENV)/.test ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.test ## bring the code into the one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.test $(VENV)/.system ## measure; prints a table
	$(BIN)/python -m benchmarks

soak: $(VENV)/.test $(VENV)/.system ## the kill, fuzz and corpus tests with their full numbers
	$(BIN)/python -m pytest --soak -m soak -ra

screenshots: $(VENV)/.test $(VENV)/.system ## every page, light, dark and phone, into build/screenshots
	$(BIN)/python tools/screenshots.py build/screenshots

wheel: $(VENV)/.test ## build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
LOCK_FLAGS ?=
lock: ## resolve the locks again (LOCK_FLAGS=--upgrade takes newer versions)
	$(LOCK) $(LOCK_FLAGS) --output-file requirements.lock pyproject.toml
	$(LOCK) $(LOCK_FLAGS) --extra test --output-file requirements-test.lock pyproject.toml
	for extra in xgboost lightgbm catboost; do $(LOCK) $(LOCK_FLAGS) --extra $$extra --constraints requirements.lock \
		--output-file requirements-$$extra.lock pyproject.toml || exit 1; done
	printf 'editables\nhatchling\n' | $(LOCK) $(LOCK_FLAGS) --constraints requirements.lock \
		--output-file requirements-build.lock -

clean: ## remove what these targets made, but no model and no data
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Stamps: each is newer than the files that its step depends on, so a second `make` does nothing.

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ $(PYTHON) --version >/dev/null 2>&1 && echo "Modeldesk needs Python 3.11 or later; name one by PYTHON=..." >&2 && exit 1; } || \
		./.ci/install python3 python3-venv
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || ./.ci/install python3-venv
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/bin/python
	$(PIP_INSTALL) -r requirements.lock
	$(PIP_INSTALL) -r requirements-build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(COMPILE) app
	@touch $@

$(VENV)/.test: requirements-test.lock pyproject.toml | $(VENV)/.runtime
	$(PIP_INSTALL) -r requirements-test.lock
	$(COMPILE)
	@touch $@

# Chromium for the browser tests, PostgreSQL for the store's.
$(VENV)/.system: | $(VENV)/bin/python
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null && ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 \
		|| ./.ci/install chromium chromium-driver fonts-liberation postgresql
	@touch $@
