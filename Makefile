VENV := .venv
PY := $(VENV)/bin/python

.PHONY: native
native:
	@flock .native.lock $(PY) setup.py -q build_ext --inplace
