# Two commands are enough on a fresh machine with Python 3.11, 3.12 or 3.13: `make demo` and `make test`.
.DEFAULT_GOAL := help
.PHONY: help demo test oracle-test cluster-test lab-test lab lint format golden bench clean
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo
LIGHT := not slow and not tensorflow and not server and not wheel and not oracle and not cluster and not lab
# The first Python on the path that fits; TensorFlow sets the upper bound.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(firstword $(foreach python,python3.13 python3.12 python3.11 python3 python,\
	$(shell $(python) -c '$(FITS)' 2>/dev/null && echo $(python))))

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "make: no Python 3.11, 3.12 or 3.13 on the path; install one, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "virtual environment in $(VENV), with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.run: pyproject.toml | $(BIN)/python
	@echo "installing serinus[train,store] (TensorFlow is large: a minute or two the first time)"
	@$(BIN)/python -m pip install --quiet --editable '.[train,store]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "installing serinus[train,onnx,store,google,mlflow,cluster,dev]"
	@$(BIN)/python -m pip install --quiet --editable '.[train,onnx,store,google,mlflow,cluster,dev]'
	@touch $@ $(VENV)/.run

demo: $(VENV)/.run ## from real data to validated KServe manifests, in build/demo/
	@mkdir -p $(DEMO)
	@cmp -s examples/digits/serinus.yaml $(DEMO)/serinus.yaml || cp examples/digits/serinus.yaml $(DEMO)/serinus.yaml
	@echo "== release 1, the stable one: trained for 5 epochs"
	@$(BIN)/serinus release $(DEMO)/serinus.yaml --set model.train.epochs=5
	@echo "== release 2, the canary: trained for 12"
	@$(BIN)/serinus release $(DEMO)/serinus.yaml
	@echo "== releases in $(DEMO)/build/store, manifests in $(DEMO)/build/digits/manifests"
	@$(BIN)/serinus releases $(DEMO)/serinus.yaml

test: $(VENV)/.dev ## every test but those that ask the platforms' own code (pytest alone: the light ones)
	@echo "== light tests: about a minute"
	@$(BIN)/pytest -n 2 -m '$(LIGHT)'
	@echo "== tests that train, start servers, build the wheel or walk far: a few minutes"
	@$(BIN)/pytest -n 2 --dist loadfile -m 'slow or tensorflow or server or wheel'

oracle-test: $(VENV)/.dev ## our verdicts against the platforms' own code, built with Go (minutes the first time)
	@echo "== the platforms' own code; the first time Go builds for some minutes"
	@$(BIN)/pytest -m oracle

cluster-test: $(VENV)/.dev ## a real kube-apiserver and etcd, built with Go, against our verdicts (minutes the first time)
	@echo "== a real API server; the first time Go builds for some minutes"
	@$(BIN)/pytest -m cluster -rs tests/cluster

lab-test: $(VENV)/.dev ## KServe's own controllers and a gateway on loopback: what every change is held against; needs root
	@echo "== the real controllers; the first time Go builds for a quarter of an hour"
	@$(BIN)/pytest -m lab -rs tests/lab

lab: $(VENV)/.dev ## the same for every release and every story (an hour the first time)
	@SERINUS_LAB=all $(BIN)/pytest -m lab -rs tests/lab

lint: $(VENV)/.dev ## ruff, mypy --strict, the layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## ruff's formatter and its safe fixes
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

golden: $(VENV)/.dev ## write the golden files anew; read the difference
	@SERINUS_GOLDEN=write $(BIN)/pytest -q tests -k golden
	@git status --short tests/golden docs

bench: $(VENV)/.dev ## measure side by side with the peers that are installed; prints the README's table
	@$(BIN)/python tests/bench/run.py

clean: ## remove what was made here, but not .venv
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
