# `make` explains itself. Everything runs in .venv, which the first target to need it makes with
# plain python3 and pip, and which is brought up to date when the requirements change.
#
#   make serve ARGS="--port 8001"      more words for mccs, or for pytest in `make test`
#   MCCS_FUZZ_EXAMPLES=20000 make test ARGS="-n 0 tests/fuzzing"   every mutation, thoroughly
#   make test PYTHON=python3.12        another Python for a new .venv (`make clean` drops the old)
#   make requirements UPGRADE=1        newer versions, not only what pyproject.toml asks for

PYTHON ?= python3
BIN := .venv/bin
# -qq: only errors; warnings here are about the machine's pip, not about this project.
# --no-compile: Python compiles what it imports anyway, and pip takes ten seconds for all the rest.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile
unexport PYTHONDONTWRITEBYTECODE
# Names and versions only: no addresses and no paths reach the requirements files.
COMPILE := $(BIN)/pip-compile -q --strip-extras --no-header --no-annotate --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-emit-options $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help serve demo test test-clients check fix mail-pictures schema bench requirements clean
.NOTPARALLEL:

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

serve: .venv/.runtime ## Start mccs on 127.0.0.1:8000, with its own servers unless you name yours
	@$(BIN)/mccs serve $(ARGS)

demo: .venv/.runtime ## Propose, hear it live, accept, and check the books
	@$(BIN)/mccs demo $(ARGS)

test: .venv/.dev ## Run the tests on a real PostgreSQL and a real Redis
	@$(BIN)/pytest -n 2 $(ARGS)

test-clients: .venv/.runtime ## Run the clients people use against mccs (needs Node)
	@cd tests/node && npm install --no-package-lock --no-audit --no-fund --silent && npm test

check: .venv/.dev ## Format, lint, types, imports, schema.graphql, compose file, requirements
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/mccs schema --check
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/python -m pip --disable-pip-version-check check

fix: .venv/.dev ## Format the code and repair what ruff can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

mail-pictures: .venv/.dev ## Draw each mail as a telephone shows it, for the documentation
	@MCCS_PUBLIC_URL=https://app.example.org MCCS_MAIL_FROM="Riverside Credit <mccs@example.org>" \
		$(BIN)/mccs mail-preview --folder docs/pictures/mails --pictures

schema: .venv/.runtime ## Print the schema into schema.graphql
	$(BIN)/mccs schema --write

bench: .venv/.dev ## Run the benchmarks and keep their results
	$(BIN)/python -m bench $(ARGS)

requirements: .venv/.dev ## Compile both requirements files from pyproject.toml
	$(COMPILE) -o requirements.txt pyproject.toml
	$(COMPILE) --extra dev --allow-unsafe -c requirements.txt -o requirements-dev.txt pyproject.toml

clean: ## Remove .venv and the caches; the data in .mccs stays
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache
	find . -name __pycache__ -type d -not -path './node_modules/*' -prune -exec rm -rf {} +

# Two steps, so that `make serve` need not wait for the tools of the developers.
.venv/.runtime: requirements.txt pyproject.toml | .venv/.created
	@echo "Installing mccs into .venv (about half a minute, only after changes) ..."
	@$(INSTALL) -r requirements.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements.txt requirements-dev.txt pyproject.toml | .venv/.created
	@echo "Installing mccs and its tools into .venv (about a minute, only after changes) ..."
	@$(INSTALL) -r requirements-dev.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch .venv/.runtime $@

# The pip that comes with Python 3.11 takes twice as long over the rest as the one we pin.
.venv/.created:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || { \
		found=$$("$(PYTHON)" --version 2>&1) || found="not found"; \
		echo "mccs needs Python 3.11 or newer, and '$(PYTHON)' is: $$found." >&2; \
		echo "Name another one, for example: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	@"$(PYTHON)" -m venv .venv
	@$(INSTALL) $$(grep -E '^(pip|setuptools)==' requirements-dev.txt)
	@touch $@
