# make help lists the targets. Nothing here needs more than Go unless it says so.
SHELL := /bin/bash
GO ?= go
OPS ?= 1000000
SEED ?= 1
FUZZTIME ?= 30s
TOOL := $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help test race lint fmt sim fuzz demo bench docs tools sam-host sam-local checkov destroy check

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

test: ## every test whose tools are there; lists what was left out (IADE_REQUIRE=all: nothing may be)
	@build/test.sh

race: ## the packages that run concurrently, under the race detector
	$(GO) test -race -short ./internal/... ./pkg/... ./cmd/...

lint: ## gofmt, go vet and golangci-lint (built from tools/go.mod on first use)
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "not formatted: $$files" >&2; exit 1; fi
	$(GO) vet ./...
	$(TOOL) golangci-lint run

fmt: ## format the code
	gofmt -w .

sim: ## replay or extend the simulation: make sim OPS=1000000 SEED=7
	$(GO) test ./internal/sim -run '^TestSimulation$$' -count=1 -timeout 0 -v -sim.seed=$(SEED) -sim.ops=$(OPS)

fuzz: ## every fuzz target for FUZZTIME each
	@build/fuzz.sh $(FUZZTIME)

demo: ## run the walk-through on free ports in a temporary folder
	$(GO) run ./cmd/local -demo

bench: ## the benchmarks of docs/benchmarks.md
	$(GO) test -run '^$$' -bench . -benchmem ./pkg/iyzico

docs: ## rewrite the generated parts of the documents
	$(GO) test . ./cmd/local -run 'Docs|Chart' -update

tools: ## fetch what the heavier tests need into .tools (npm, pip)
	@build/tools.sh

sam-host: ## what events/env.json expects for sam local: engine, table, fake iyzico
	@build/sam-host.sh

sam-local: ## run the functions in SAM's containers: every sample, and the API (needs Docker)
	@build/sam-local.sh

checkov: ## check the template with checkov, which is fetched on first use (pip)
	@build/checkov.sh

destroy: ## delete the deployed stack after naming what is kept: make destroy STACK=iade CONFIRM=iade
	@build/destroy.sh '$(or $(STACK),iade)' '$(CONFIRM)'

check: ## what CI runs
	@.ci/run
