# Everything works from a clean clone with Python 3.11 or newer, make and git: the virtual environment is made on the way.
PYTHON ?= python3
TEST_ARGS ?= -n auto --dist loadfile --no-loadscope-reorder
FUZZ_SECONDS ?= 300
SOAK_SECONDS ?= 3600
SWEEPS := tests/source/test_model.py tests/test_whole_model.py tests/parsers/test_fuzz.py tests/cli/test_reconcile_properties.py
ENGINE ?= $(firstword $(notdir $(shell command -v docker podman)))
IMAGE ?= tokentail:$(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' tailer/__init__.py)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.PHONY: demo test lint format coverage bench guard fuzz soak alerts dashboards quickstart image image-test prices clean help

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(VENV)/.run  ## a sample application log and the tailer on it, until Ctrl-C or for DEMO_SECONDS
	@$(BIN)/tokentail demo $(DEMO_ARGS)

# The tests start the program more than three hundred times: with this set, as in many containers, it is compiled anew
# each time.
test soak: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.dev  ## all tests
	$(BIN)/python -m pytest $(TEST_ARGS)

lint: $(VENV)/.dev  ## ruff, mypy --strict, the rules of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## lay the code out
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage: $(VENV)/.dev  ## what the tests reach
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report --skip-covered --skip-empty

bench: $(VENV)/.dev  ## the budgets, measured beside a bare floor
	$(BIN)/python -m bench $(BENCH_ARGS)

guard: $(VENV)/.dev  ## fails when the CPU for each byte has grown; GUARD_ARGS=--set makes what is measured the measure
	$(BIN)/python -m bench.guard $(GUARD_ARGS)

fuzz: $(VENV)/.fuzz  ## the reading path under a fuzzer, for FUZZ_SECONDS
	$(BIN)/python -m tests.fuzz.lines -max_total_time=$(FUZZ_SECONDS) $(FUZZ_ARGS)

alerts: $(VENV)/.dev  ## the rules for the Prometheus operator anew; RUNBOOKS=https://… says where your runbook is
	$(BIN)/python scripts/make_prometheus_rule.py $(if $(RUNBOOKS),--runbooks $(RUNBOOKS))

dashboards: $(VENV)/.dev  ## the Grafana dashboards anew from their generator
	$(BIN)/python -m dashboards

soak: $(VENV)/.dev  ## kills, rotations and failing receivers for SOAK_SECONDS, and twenty times the examples of the models and sweeps
	$(BIN)/python -m tests.soak --seconds $(SOAK_SECONDS)
	$(BIN)/python -m pytest $(SWEEPS) --hypothesis-profile=soak --timeout 3600

quickstart: $(VENV)/.dev  ## deploy/k8s/quickstart.yaml and the sidecar's variants anew; needs kubectl or kustomize
	$(BIN)/python -m deploy.k8s.generated

image:  ## the container image, with docker or podman (ENGINE=…), on the base BASE
	$(ENGINE) build $(if $(BASE),--build-arg BASE=$(BASE)) --build-arg VERSION=$(lastword $(subst :, ,$(IMAGE))) \
		--build-arg REVISION=$(shell git rev-parse HEAD) --tag $(IMAGE) $(IMAGE_ARGS) .

image-test: image $(VENV)/.dev  ## builds the image and runs it in a pod of two containers; as root
	TOKENTAIL_IMAGE=$(IMAGE) TOKENTAIL_ENGINE=$(ENGINE) $(BIN)/python -m pytest tests/deploy/test_image_running.py

prices: $(VENV)/.dev  ## the price table anew from the installed genai-prices
	$(BIN)/python scripts/make_price_table.py

clean:  ## everything made here
	rm -rf $(VENV) build dist *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis bench/out

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit("tokentail needs Python 3.11 or newer; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.fuzz: $(VENV)/.dev
	$(PIP) install -c constraints.txt -e '.[fuzz]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@
