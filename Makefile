# make help lists the targets. Nothing here needs more than Go unless it says so.
SHELL := /bin/bash
GO ?= go
OPS ?= 1000000
SEED ?= 1
FUZZTIME ?= 30s
KILLS ?= 500
SECONDS_OF_FUZZING ?= 75
TOOL := $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help test race lint fmt sim kill fuzz schemathesis demo bench docs tools check

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

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

kill: ## kill the functions' processes at random times, under load: make kill KILLS=500 SEED=7
	$(GO) test ./functions -run '^TestProcessesMayBeKilledAtAnyTime$$' -count=1 -timeout 0 -v -kills=$(KILLS) -kill.seed=$(SEED)

fuzz: ## every fuzz target for FUZZTIME each
	@build/fuzz.sh $(FUZZTIME)

schemathesis: ## fuzz the API of the whole system from openapi.yaml (make tools fetches schemathesis)
	@build/schemathesis.sh $(SECONDS_OF_FUZZING) $(SEED)

demo: ## run the walk-through on free ports in a temporary folder
	$(GO) run ./cmd/local -demo

bench: ## the benchmarks of docs/benchmarks.md
	$(GO) test -run '^$$' -bench . -benchmem ./pkg/iyzico

docs: ## rewrite the generated parts of the documents
	$(GO) test . ./cmd/local ./functions -run 'Docs|Chart' -update

tools: ## fetch what the heavier tests need into .tools (npm, pip)
	@build/tools.sh

check: ## what CI runs
	@.ci/run
