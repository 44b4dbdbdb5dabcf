# Everything a machine with Python 3.11 or newer, make and git can do with Nabij.
# `make run` starts a municipality to try; CONTRIBUTING.md tells the rest.

PORT ?= 8000
HOST ?= 127.0.0.1
export PORT HOST
SYSTEM_PATH := $(PATH)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

# `make run PYTHON=/path/to/python3.13` chooses another.
PYTHON ?= $(shell PATH="$(SYSTEM_PATH)"; for name in python3 python3.14 python3.13 python3.12 python3.11; do \
  command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && command -v $$name && break; done)

PO_FILES := $(wildcard locale/*/LC_MESSAGES/*.po)
STATIC_FILES := $(shell find static -type f 2>/dev/null)

# What a municipality would set; `make check` runs Django's checklist for production with it.
PRODUCTION = SECRET_KEY=$(shell head -c 48 /dev/urandom | base64 | tr -d '\n/+=') \
  SITE_URL=https://nabij.example.nl EMAIL_URL=smtp://relay.example.nl:587 TRUSTED_PROXY_COUNT=1 \
  DATABASE_URL=postgres://nabij:nabij@127.0.0.1/nabij REDIS_URL=redis://127.0.0.1/0

.DEFAULT_GOAL := help
.PHONY: help run test test-all check bench messages pin screenshots format clean
.DELETE_ON_ERROR:

help:
	@echo "make run          install what is needed and start a demo municipality on port $(PORT)"
	@echo "make test         the tests without a browser and without killing processes"
	@echo "make test-all     all tests (DATABASE_URL and REDIS_URL choose where they run)"
	@echo "make check        format, lint, imports, types, templates, migrations, translations, deployment"
	@echo "make bench        speed, as ratios to a bare Django app in the same run"
	@echo "make messages     add what is new to say to the catalogue of texts, take out what is not used, and compile it"
	@echo "make pin          write the digest of each image into docker-compose.yml and Dockerfile"
	@echo "make screenshots  a picture of every page in screenshots/"
	@echo "make format       put code and templates in form"

# --- what the other targets stand on -----------------------------------------------------------

.stamps/venv:
	@test -n "$(PYTHON)" || { echo "Nabij needs Python 3.11 or newer and finds none; install it, or name it: make run PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Nabij needs Python 3.11 or newer, and $(PYTHON) is not." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@rm -rf .venv && "$(PYTHON)" -m venv .venv
	@mkdir -p .stamps && touch $@

.stamps/requirements: requirements.txt .stamps/venv
	@echo "Installing what Nabij needs ..."
	@python -m pip install -q --require-hashes -r requirements.txt
	@touch $@

.stamps/requirements-dev: requirements-dev.txt .stamps/requirements
	@echo "Installing what its tests need ..."
	@python -m pip install -q --require-hashes -r requirements-dev.txt
	@touch $@

.stamps/messages: $(PO_FILES) .stamps/requirements
	@if [ -n "$(PO_FILES)" ]; then pybabel -q compile --domain django --directory locale; fi
	@touch $@

.stamps/static: $(STATIC_FILES) core/files.py .stamps/requirements
	@env -u TESTING DEBUG=1 python manage.py collectstatic --no-input --clear --verbosity 0
	@touch $@

# --- run ---------------------------------------------------------------------------------------

run: export DEBUG ?= 1
run: .stamps/requirements .stamps/messages .stamps/static
	@exec python manage.py up

# --- test and check ----------------------------------------------------------------------------

# As many at once as there are cores; `make test WORKERS=0` runs one after the other.
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)
PYTEST = python -m pytest --numprocesses $(WORKERS) --dist worksteal
test test-all: .stamps/requirements-dev .stamps/messages .stamps/static
test:
	@$(PYTEST) -m "not browser and not crash" $(ARGS)

test-all:
	@$(PYTEST) $(ARGS)

CHECKS := check-lint check-imports check-types check-templates check-migrations check-house check-deployment check-compose
.PHONY: $(CHECKS)
# `make -k check` goes on after the first that fails.
check: $(CHECKS)
$(CHECKS): export TESTING := 1
$(CHECKS): .stamps/requirements-dev .stamps/messages .stamps/static

check-lint:
	ruff check .
	ruff format --check .

check-imports:
	lint-imports --no-logo

check-types:
	mypy

check-templates:
	djhtml --check --tabwidth 2 templates
	@! grep -rnE '.{141}' templates || { echo "A line of a template has at most 140 columns." >&2; exit 1; }

check-migrations:
	python manage.py makemigrations --check --dry-run

# Rules of the house, texts without a translation, themes that can't be read.
check-house:
	python -m pytest -q tests/test_consistency.py tests/test_theme.py

check-deployment:
	env -u TESTING -u DEBUG $(PRODUCTION) python manage.py check --deploy --fail-level WARNING

check-compose:
	@if command -v docker-compose >/dev/null; \
	  then echo "docker-compose config -q"; SECRET_KEY=check SITE_URL=https://nabij.example.nl POSTGRES_PASSWORD=check REDIS_PASSWORD=check docker-compose config -q; \
	  else echo "docker-compose is not installed, so docker-compose.yml was not checked."; fi

format: .stamps/requirements-dev
	ruff check --fix-only --quiet .
	ruff format .
	-djhtml --tabwidth 2 templates

bench: .stamps/requirements-dev .stamps/messages .stamps/static
	@python -m bench $(ARGS)

messages: .stamps/requirements-dev
	@TESTING=1 python manage.py translations --add --prune
	@pybabel -q compile --domain django --directory locale

pin:
	@python3 deploy/pin.py docker-compose.yml Dockerfile

screenshots: .stamps/requirements-dev .stamps/messages .stamps/static
	@python -m pytest -q tests/browser/screenshots.py -s $(ARGS)

clean:
	rm -rf .venv .stamps staticfiles
	find . -name __pycache__ -prune -exec rm -rf {} +
