# Every target does its own set-up (deploy/prepare: idempotent, under a second when nothing is missing).
SHELL := /bin/bash
.SHELLFLAGS := -Eeuo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

OUT ?= var/demo
PDF ?=
PORT ?= 8000
JSON ?=
ROOM ?=
DRILL ?=
TESTS ?= tests
# One more than there are processors: for a fifth of its time a test waits for what it started.
WORKERS ?= $(shell echo $$(($$(nproc) + 1)))
# Percent of lines and branches the whole run must reach; a part of it owes nothing.
floor = $(if $(filter tests,$(TESTS)),--cov-fail-under=80)
bin := .venv/bin
# The programs that tests start are compiled once, not at each start, whatever the caller's environment says.
pytest = PYTHONDONTWRITEBYTECODE= $(bin)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=10

.NOTPARALLEL:
.PHONY: help demo test serve bench drill soak lint typecheck pytest coverage lock ready-demo ready-test

help: ## this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r t d; do printf '  make %-11s %s\n' "$$t" "$$d"; done

demo: ready-demo ## the main job once, on software tokens and a PKI on loopback; [OUT=folder] [PDF=a paper made elsewhere]
	@$(bin)/secondseal demo --out "$(OUT)" $(if $(PDF),--pdf "$(PDF)")

serve: ready-demo ## the demo office as a service with its pages; [PORT=8000]
	@$(bin)/secondseal serve --demo --port "$(PORT)"

test: ready-test lint typecheck pytest ## everything CI runs: style, types, architecture, every behaviour once

bench: ready-test ## the benchmarks beside the physical limit and the peers; [JSON=file] [ROOM=seal]
	@$(bin)/python -m bench $(if $(JSON),--json "$(JSON)") $(ROOM)

drill: ready-test ## takes parts away while they work and counts what was lost or doubled; up to half an hour; [DRILL=hsm-away]
	@$(bin)/python -m drill $(DRILL)

soak: ready-test ## long runs: signatures by the 100,000, nothing may grow; results go to docs/measurements; some minutes; [ROOM=hsm]
	@$(bin)/python -m soak $(ROOM)

lint: ready-test ## style, and who may know whom
	@echo "==> ruff" && $(bin)/ruff check --quiet . && $(bin)/ruff format --check --quiet .
	@echo "==> import contracts" && $(bin)/lint-imports --no-logo 2>/dev/null | tail -n 4

typecheck: ready-test ## mypy --strict
	@echo "==> mypy --strict" && $(bin)/mypy

pytest: ready-test ## the tests alone; [TESTS=tests/signer] [WORKERS=3]
	@echo "==> pytest" && $(pytest) $(TESTS)

coverage: ready-test ## the tests, and which lines and branches they reach; takes half as long again
	@echo "==> pytest with coverage" && $(pytest) --cov --cov-report=term $(floor) $(TESTS)

lock: ready-test ## writes requirements/*.lock anew from pyproject.toml (new versions: make lock UPGRADE=--upgrade)
	@$(bin)/pip-compile $(lock_options) --build-deps-for=editable --extra=demo --extra=server --output-file=requirements/demo.lock pyproject.toml
	@$(bin)/pip-compile $(lock_options) --build-deps-for=editable --extra=demo --extra=server --extra=dev --constraint=requirements/demo.lock --output-file=requirements/test.lock pyproject.toml

lock_options = --quiet --allow-unsafe --generate-hashes --strip-extras --no-emit-find-links --no-emit-index-url --no-emit-trusted-host $(UPGRADE)

ready-demo:
	@deploy/prepare demo

ready-test:
	@deploy/prepare test
