# What a person does with this project; `make help` lists it.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

ENV ?= $(CURDIR)/.venv
PYTHON ?= python3
BIN := $(ENV)/bin
READY := $(ENV)/.aguanta-ready
READY_DEV := $(ENV)/.aguanta-ready-dev
MODEL := service/model/model.json
# Compiled when first imported, and kept out of the project's folders. Where nothing may be kept, as
# images that programs are written in often ask for, every start would compile everything anew.
export PYTHONPYCACHEPREFIX = $(abspath $(ENV))/pycache
unexport PYTHONDONTWRITEBYTECODE

# The parameters of loadtests/studies/parameters.py, from the command line only; an empty one keeps
# the default.
PARAMETERS = RUN IMAGE COMPOSE SERVICE PORT HEALTH_PATH ENVIRONMENT ENV_FILE FILES COMMAND CONTAINER_USER HOST_HEADER BALANCING ORCHESTRATOR ENDPOINT_MODE NODES READY_S LOCUSTFILE SCRIPT_OPTIONS USERS SPAWN_RATE THINK_MIN THINK_MAX STEADY_S \
  TIMEOUT_S ARRIVALS RATE WORKERS P95_MS ERROR_RATE OBJECTIVES FIND CPU_STEPS MEMORY_STEPS SETTINGS RELIABILITY FINAL_STEADY_S TRIALS_AT_MOST MINUTES_AT_MOST REPLICAS_AT_MOST REPLICA_MINUTES_AT_MOST \
  EARLY_STOP REFERENCE_US CPUS MEMORY_MIB REPLICAS SIZES REPLICA_COUNTS REPLICATES SPLITS USERS_BEYOND CAPACITY_SIZE CAPACITY_COUNTS CAPACITY_REPEATS CPU_HEADROOM \
  MEMORY_HEADROOM REPLICAS_LOST VCPU_HOUR GIB_HOUR CURRENCY PRICE_SOURCE PRICE_DATE \
  PLAN_USERS MACHINES ARCHITECTURE MACHINES_LOST CPU_RATIO CPU_RESERVE MEMORY_RESERVE
$(foreach name,$(PARAMETERS),$(eval $(name) =))
# Quoted for the shell, since JSON has quotes of its own.
GIVEN = $(foreach name,$(PARAMETERS),-p $(name) '$(subst ','\'',$($(name)))')

# A job dies with its make, so that a killed one leaves nothing measuring behind.
BATCH = exec setpriv --pdeathsig KILL -- $(BIN)/python -m loadtests.jobs.report

KNOWN = ENV PYTHON UPGRADE SEARCHES BASE PARTS HALF ROUNDS ONLY OPENAPI HAR HAR_HOST $(PARAMETERS) API_% LOCUST_% NETWORK COMPOSE_COMMAND
NAMES = $(foreach word,$(MAKEOVERRIDES),$(if $(findstring =,$(word)),$(firstword $(subst =, ,$(word)))))
UNKNOWN = $(filter-out $(KNOWN),$(NAMES))
RENAMED = HOLD_S=STEADY_S FAILURE_RATIO=ERROR_RATE GIVE_UP=EARLY_STOP
NOW = $(strip $(foreach pair,$(RENAMED),$(if $(filter $(firstword $(subst =, ,$(pair))),$(UNKNOWN)),$(pair))))
$(if $(UNKNOWN),$(error there is no variable $(UNKNOWN); $(if $(NOW),names have changed: $(NOW),there are $(KNOWN))))

API_PORT ?= 8000
LOCUST_PORT ?= 8089
export API_PORT LOCUST_PORT
COMPOSE_COMMAND ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose --compatibility)

.PHONY: help
help:  ## List these targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

INSTALL = $(BIN)/python -m loadtests.jobs.install

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Error: $(PYTHON) is older than Python 3.11; say which to use with PYTHON=…" >&2; exit 2; }
	@test -x $(BIN)/python || { echo "Creating the environment in $(ENV)"; $(PYTHON) -m venv $(ENV); }
	@echo "Installing the packages of requirements.lock (about 30 s)"
	@$(INSTALL) requirements.lock
	@touch $@

$(READY_DEV): $(READY) requirements-dev.lock
	@echo "Installing what tests and checks need besides: requirements-dev.lock"
	@$(INSTALL) requirements-dev.lock
	@touch $@

.PHONY: env env-dev engine model builds images example-images
env: $(READY)  ## Create the Python environment: what a report needs
env-dev: $(READY_DEV)  ## Add what tests, checks and `make strategies` need
engine: env  ## Find, or install and start, a container engine
	@$(BIN)/python -m loadtests.jobs.prepare engine

$(MODEL): $(READY) data/penguins.csv notebooks/01_train_model.ipynb service/training.py service/registry.py
	@echo "Training the model (notebooks/01_train_model.ipynb, about 30 s)"
	@$(BIN)/python -m loadtests.jobs.report --train
	@test -f $(MODEL) || { echo "Error: the model was not written; see data/runs/model/01_train_model.ipynb" >&2; exit 2; }
	@touch $(MODEL)
model: $(MODEL)  ## Train the model and register it with MLflow

builds: $(READY)  ## Fetch what building the images begins with: engine, base image, packages
	@$(BIN)/python -m loadtests.jobs.prepare builds
# The first time, training takes as long as what the images need besides: both at once.
images: $(READY)  ## Build the images of the service and of the load generator
	@$(MAKE) -s -j2 model $(if $(wildcard $(MODEL)),,builds)
	@$(BIN)/python -m loadtests.jobs.prepare images $(if $(COMPOSE),compose)
example-images: images  ## Build the images of the worked example, an API with PostgreSQL: examples/orders
	@$(BIN)/python -m loadtests.jobs.prepare orders compose

.PHONY: report demo seed-table users rate locustfile grid strategies overhead bench workers trust repeatability searches peers least profile arrivals analysis-cost trials example lab mlflow
report: images  ## The main job: measure, decide, write report.html and answer.json
	@$(BATCH) $(GIVEN)

demo: RUN = demo
demo: USERS = 1500
demo: THINK_MIN = 1
demo: THINK_MAX = 3
demo: STEADY_S = 8
demo: FINAL_STEADY_S = 16
demo: CPU_STEPS = [0.05, 0.3, 1]
demo: MEMORY_STEPS = [50, 150, 500]
demo: SIZES = [[0.1, 100]]
demo: REPLICA_COUNTS = [1, 4]
demo: REPLICATES = 1
demo: SPLITS = []
demo: USERS_BEYOND = 0
demo: CAPACITY_COUNTS = []
demo: images  ## The same job, small: 1,500 users and few steps, a few minutes
	@$(BATCH) $(GIVEN)

seed-table: RUN = seed-table
seed-table: SETTINGS = [[4, 500], [2.5, 1500], [2, 1000], [0.75, 500], [0.5, 100], [0.5, 300]]
seed-table: SIZES = [[0.5, 300]]
seed-table: REPLICA_COUNTS = [1, 3, 5]
seed-table: REPLICATES = 1
seed-table: SPLITS = []
seed-table: USERS_BEYOND = 0
seed-table: CAPACITY_COUNTS = []
seed-table: EARLY_STOP = False
seed-table: images  ## The original's table: its settings and replica counts
	@$(BATCH) $(GIVEN) --only 03_find_minimum 04_scale_out

users: FIND = users
users: RUN = users
users: images  ## How many users does one setting hold? make users CPUS=0.5 MEMORY_MIB=300 USERS=20000
	@$(BATCH) $(GIVEN)

rate: FIND = rate
rate: RUN = rate
rate: images  ## How many arrivals a second does it hold? make rate CPUS=0.5 MEMORY_MIB=300 RATE=1500
	@$(BATCH) $(GIVEN)

OPENAPI =
HAR =
HAR_HOST =
locustfile: env  ## Write a first locustfile: make locustfile OPENAPI=http://127.0.0.1:8000/openapi.json, or HAR=visit.har
	@$(BIN)/python -m loadtests.jobs.draft_locustfile --openapi '$(subst ','\'',$(OPENAPI))' --har '$(subst ','\'',$(HAR))' --har-host '$(HAR_HOST)'

grid: images  ## Measure a full grid, for the comparison of strategies: data/grid (an hour)
	@$(BIN)/python -m loadtests.jobs.grid

strategies: env-dev  ## Compare search strategies on recorded and simulated services: docs/strategies.md
	@OMP_NUM_THREADS=1 $(BIN)/python -m loadtests.jobs.strategies

overhead: images  ## Measure how long a trial takes beyond its load
	@$(BIN)/python -m loadtests.jobs.overhead

BASE =
PARTS =
bench: images  ## Measure how fast and small the project is against its limits (15 min; BASE=a commit measures both by turns; PARTS=service ROUNDS=5)
	@$(BIN)/python -m loadtests.jobs.bench $(if $(BASE),--base '$(BASE)') $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(PARTS),--parts $(PARTS))

workers: images  ## Measure one load by one process and by 2 workers, by turns (12 min; USERS=… WORKERS=…)
	@$(BIN)/python -m loadtests.jobs.workers $(if $(USERS),--users $(USERS)) $(if $(WORKERS),--workers $(WORKERS))

trust: env-dev images  ## Inject known truths and faults; write what was concluded to docs/trust.md (25 min)
	@$(BIN)/python -m loadtests.jobs.prepare compose
	@$(BIN)/python -m loadtests.jobs.trust

repeatability: env-dev images  ## Measure what makes trials of one setting differ: docs/repeatability.md (25 min)
	@$(BIN)/python -m loadtests.jobs.repeatability

SEARCHES =
searches: images  ## Ten whole searches, does the answer repeat? docs/repeatability.md (2.5 h; SEARCHES=3 makes three more)
	@$(BIN)/python -m loadtests.jobs.searches $(if $(SEARCHES),--searches $(SEARCHES))

HALF =
ROUNDS =
ONLY =
peers: images  ## Measure the service and the load generator beside others': data/peers (80 min; HALF=service ROUNDS=2 ONLY="bento lit")
	@$(BIN)/python -m loadtests.jobs.peers $(if $(HALF),--half $(HALF)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

WAYS =
least: images  ## Search the least setting with this project's service and users, and with others' (1 h; WAYS="ours stock")
	@$(BIN)/python -m loadtests.jobs.least $(WAYS)

profile: env-dev images  ## See which functions a request's CPU goes to in load generators: docs/generator-profile.md (5 min)
	@$(BIN)/python -m loadtests.jobs.profile

arrivals: env  ## Measure what simulating the arrivals of 10,000,000 users costs: docs/arrivals.md
	@$(BIN)/python -m loadtests.jobs.arrivals

analysis-cost: env  ## Measure what analysing up to 1,000 trials takes: docs/analysis-cost.md
	@$(BIN)/python -m loadtests.jobs.analysis_cost

trials: env  ## Write every trial of a run as a row of trials.parquet: make trials RUN=example
	@$(BIN)/python -m loadtests.jobs.trials $(or $(RUN),report)

example: env  ## Make a finished run the recorded example: make example RUN=report
	@$(BIN)/python -m loadtests.jobs.example $(or $(RUN),report)

lab: env  ## Open JupyterLab on loopback, in notebooks/
	@cd notebooks && $(BIN)/jupyter lab --ip=127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root)

mlflow: env  ## Open MLflow's own page on the trained models (127.0.0.1:5000)
	@$(BIN)/mlflow ui --backend-store-uri sqlite:///data/mlflow/mlflow.db --host 127.0.0.1

.PHONY: up locust-up down publish
up: images  ## Start the API on 127.0.0.1:8000 with docker-compose.yaml
	@$(BIN)/python -m loadtests.jobs.prepare compose --port "$(API_PORT)" --replicas "$(or $(API_REPLICAS),1)"
	@$(COMPOSE_COMMAND) up -d
	@echo "The API answers on http://127.0.0.1:$(API_PORT)/docs"
locust-up: images  ## Start Locust's web page on 127.0.0.1:8089
	@$(BIN)/python -m loadtests.jobs.prepare compose --port "$(LOCUST_PORT)"
	@$(COMPOSE_COMMAND) -f loadtests/docker-compose.locust.yaml up -d
	@echo "Locust's page is on http://127.0.0.1:$(LOCUST_PORT)"
down: env  ## Stop both
	@$(COMPOSE_COMMAND) -f loadtests/docker-compose.locust.yaml down
	@$(COMPOSE_COMMAND) down
publish: images  ## Tag and push the service's image: make publish IMAGE=registry/name:tag
	@$(BIN)/python -m loadtests.jobs.prepare --publish "$(IMAGE)"

PYTEST = $(BIN)/python -m pytest --dist loadfile
# What waits for programs or containers takes little CPU: three workers for each.
THRICE = $(shell echo $$((3 * $$(getconf _NPROCESSORS_ONLN))))
# So that no worker reads all tests to run a few.
WAITING = $(shell grep -rlE "mark\.(docker|waits)" --include="test_*.py" tests)
# What measures shares the machine: a test of $(2) that fails is asked once more, by itself.
define ONCE_MORE
$(PYTEST) $(1) -m "$(2)" $(WAITING) || { test $$? -eq 1 && \
	echo "Once more, one at a time: what failed" && \
	$(PYTEST) --last-failed --last-failed-no-failures none --maxfail 1 -m "$(2)" $(WAITING); }
endef

# Pages are looked at beside the fast tests: where a network is made or removed meanwhile, Chromium
# drops what it loads (ERR_NETWORK_CHANGED).
.PHONY: test test-tools test-unit test-cgroup-v2 lint format lock clean
test: env-dev images  ## Every test but those of test-cgroup-v2; Docker and browser tests included
	@$(MAKE) --no-print-directory -j2 --output-sync -o images lint test-tools
	@echo "Left out: the tests on an engine with cgroup v2, in a virtual machine; make test-cgroup-v2 runs them"
	@$(PYTEST) -n logical -m "not docker and not waits"
	@$(call ONCE_MORE,-n $(THRICE),(docker or waits) and not virtual and not alone)
	@$(call ONCE_MORE,,alone)
test-tools: env-dev images  ## Fetch what tests need besides: Chromium, Compose, a registry, one more image
	@$(BIN)/python -m loadtests.jobs.prepare browser compose registry sklearn
test-unit: env-dev  ## The tests that need neither Docker nor a browser
	@$(PYTEST) -n logical -m "not docker and not browser and not waits"
	@$(PYTEST) -n $(THRICE) -m waits $(WAITING)
test-cgroup-v2: env-dev images  ## The tests on an engine with cgroup v2, in an emulated machine (25 min)
	@$(BIN)/python -m pytest -m virtual tests/cgroup_v2
lint: env-dev  ## Check style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
format: env-dev  ## Put every file into the project's format
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

UV = $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11
RUN_GROUPS = --group train --group generator --group drafts --group build
UPGRADE =
lock: env-dev  ## Resolve the packages and write the hashed locks; newer versions with UPGRADE=1
	$(UV) $(if $(UPGRADE),--upgrade) pyproject.toml $(RUN_GROUPS) --group service --group service-sklearn --group orders --group dev --universal -o requirements-dev.lock
	$(UV) pyproject.toml $(RUN_GROUPS) --universal -c requirements-dev.lock -o requirements.lock
	$(UV) --group service -c requirements-dev.lock -o service/requirements.lock
	$(UV) --group service-sklearn -c requirements-dev.lock -o service/requirements-sklearn.lock
	$(UV) --group generator -c requirements-dev.lock -o loadtests/requirements.lock
	$(UV) --group orders -c requirements-dev.lock -o examples/orders/api/requirements.lock
	@for wanted in loadtests/peers/images/*/requirements.in; do \
	  echo "$$wanted" && $(UV) $(if $(UPGRADE),--upgrade) "$$wanted" -o "$${wanted%.in}.lock" || exit; done

clean: env  ## Remove the containers, images, network and caches this project made; runs stay
	@-$(BIN)/python -m loadtests.jobs.prepare clean
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache service/wheels*/*.whl service/wheels*/.locks loadtests/wheels/*.whl loadtests/wheels/.locks examples/orders/.env examples/orders/api/wheels/*.whl examples/orders/api/wheels/.locks loadtests/peers/images/*/wheels/*.whl loadtests/peers/images/*/wheels/.locks loadtests/peers/images/*/app/model
