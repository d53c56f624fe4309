# make run    set up, then serve the example configuration on 127.0.0.1:5060
# make test   set up, then every test (installs the oracle where it runs as root on Debian)
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
STATE ?= .state
NATIVE := $(wildcard runtime/native/*.pyx runtime/native/*.pxd) setup.py
EXAMPLE := examples/cfg/registrar.cfg

.PHONY: setup run test soak check bench golden oracle docs clean native oracle-packages

setup: $(VENV)/.installed $(VENV)/.built
	@$(BIN)/python -m compileall -q kcc runtime  # else each start compiles, where Python may not write

$(VENV)/.installed: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade pip 'setuptools>=77' 'cython>=3.1,<4'
	@KCC_SKIP_NATIVE=1 $(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation -e '.[dev]'
	@touch $@

$(VENV)/.built: $(NATIVE) | $(VENV)/.installed
	@flock .native.lock $(BIN)/python setup.py -q build_ext --inplace --parallel 2
	@touch $@

native: $(VENV)/.built

run: setup
	@sh examples/run.sh $(BIN) $(STATE)

test: setup oracle-packages
	$(BIN)/python -m pytest -n auto --dist loadgroup -m 'not soak'

soak: setup oracle-packages
	$(BIN)/python -m pytest -m soak --timeout 7200

check: setup
	$(BIN)/black --check -q kcc runtime tests tools
	$(BIN)/ruff check -q kcc runtime tests tools
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m bench
	$(BIN)/python -m bench.frontend

golden: setup
	$(BIN)/python -m pytest tests/golden --update-golden

oracle: setup oracle-packages
	$(BIN)/python -m pytest tests/runtime/oracle --record-oracle

docs: setup
	$(BIN)/python -m tools.docs

oracle-packages:
	@sh tools/install_oracle.sh

clean:
	rm -rf $(VENV) $(STATE) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find runtime/native -name '*.c' -delete -o -name '*.so' -delete
