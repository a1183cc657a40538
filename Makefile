PYTHON ?= python3
BIN    := .venv/bin

.PHONY: demo test check lint types format golden samples bench clean

demo: .venv/run  ## install, then judge a right assertion and a broken one
	$(BIN)/assertcheck verify sample_certs/assertions/good-rs256.jwt --cert sample_certs/rsa-2048.pem --at 2026-01-15T12:00:00Z
	$(BIN)/assertcheck verify sample_certs/assertions/x5t-is-hex.jwt --cert sample_certs/rsa-2048.pem --at 2026-01-15T12:00:00Z || test $$? -eq 1
	@echo 'Now yours: $(BIN)/assertcheck verify --cert YOUR-CERTIFICATE'

test: .venv/dev  ## every test, with coverage
	$(BIN)/python -m pytest --cov --cov-report=term

check: lint types test

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev
	$(BIN)/mypy

format: .venv/dev
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

golden: .venv/dev  ## accept today's output; read it in git diff
	$(BIN)/python -m pytest --update-golden -q

samples: .venv/dev  ## make the sample certificates and assertions again
	$(BIN)/python sample_certs/generate.py

bench: .venv/dev
	$(BIN)/python -m pytest -q --benchmark-columns=min,median,rounds tests/bench_core.py
	$(BIN)/python tests/bench_processes.py

clean:
	rm -rf .venv .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache

.venv/run: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "assertcheck needs Python 3.11 or newer: make PYTHON=python3.x")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/dev: .venv/run
	$(BIN)/python -m pip install --quiet --group dev
	touch $@
