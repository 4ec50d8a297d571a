# make help lists the targets. Nothing here needs more than Go unless it says so.
GO ?= go
OPS ?= 1000000
SEED ?= 1
FUZZTIME ?= 30s
KILLS ?= 500
MINUTES ?= 10
BEATS ?= 20
SECONDS_OF_FUZZING ?= 75
TOOL := $(GO) tool -modfile=tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help test race lint fmt sim fuzz clients schemathesis demo bench docs tools sam-host sam-local emulator checkov destroy release deploy guards cover kill safety soak dist check

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

test: ## every test whose tools are there; says what was left out (IADE_HEAVY=1: also what takes minutes; IADE_REQUIRE=all: everything)
	@$(GO) run ./build/test $(ARGS)

# What these packages test are texts, and programs that they start, which the race detector does not see.
APART := internal/test/(deploy|examples|lambda|proof|release|speed)$$
race: ## the packages that run concurrently, under the race detector
	$(GO) test -race -short $$($(GO) list ./internal/... ./pkg/... ./cmd/... | grep -vE '$(APART)')

lint: ## gofmt, go vet and golangci-lint (built from tools/go.mod on first use)
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "not formatted: $$files" >&2; exit 1; fi
	$(GO) vet ./...
	$(TOOL) golangci-lint run

fmt: ## format the code
	gofmt -w .

sim: ## replay or extend the simulation: make sim OPS=1000000 SEED=7
	$(GO) test ./internal/test/sim -run '^TestSimulation$$' -count=1 -timeout 0 -v -sim.seed=$(SEED) -sim.ops=$(OPS)

guards: ## take each guard of docs/proof/guards.md away and see its test fail
	@IADE_HEAVY=1 $(GO) run ./build/test -count=1 -run TestNoGuardMayBeRemoved ./internal/test/proof

cover: ## how much of the domain and the client the tests run, and every line that decides and is not run, explained
	@IADE_HEAVY=1 $(GO) test ./internal/test/proof -count=1 -v -run TestEveryLineThatDecidesIsRunOrExplained

kill: ## kill the functions' processes at random times, under load: make kill KILLS=500 SEED=7
	$(GO) test ./internal/test/lambda -run '^TestProcessesMayBeKilledAtAnyTime$$' -count=1 -timeout 0 -v -kills=$(KILLS) -kill.seed=$(SEED)

safety: ## iade and the obvious service under every fault: make safety SEED=7 (UPDATE=1 writes docs/proof/safety.md)
	$(GO) test ./internal/test/safety -run '^TestSafetyScore$$' -count=1 -timeout 0 -v -safety.full -safety.seed=$(SEED) $(if $(UPDATE),-update)

soak: ## mixed traffic with faults for so long: make soak MINUTES=10
	$(GO) test ./cmd/local -run '^TestSoak$$' -count=1 -timeout 0 -v -soak.minutes=$(MINUTES) -soak.seed=$(SEED)

fuzz: ## every fuzz target for FUZZTIME each
	@build/fuzz.sh $(FUZZTIME)

clients: ## lint openapi.yaml, generate clients from it in four languages, and refund with them (make tools fetches the generators)
	@build/clients.sh lint
	@IADE_REQUIRE=all go test -count=1 -run TestClientsOfOtherLanguages ./internal/test/api

schemathesis: ## fuzz the API of the whole system from openapi.yaml (make tools fetches schemathesis)
	@build/schemathesis.sh $(SECONDS_OF_FUZZING) $(SEED)

demo: ## run the walk-through on free ports in a temporary folder
	$(GO) run ./cmd/local -demo

bench: ## the benchmarks of docs/proof/benchmarks.md (make tools fetches Node.js for the peer)
	$(GO) test -run '^$$' -bench . -benchmem ./pkg/iyzico
	$(GO) test -run '^$$' -bench Refunds -benchtime $(BEATS)x -timeout 0 ./internal/test/speed
	$(GO) test -run '^$$' -bench ColdStart -benchtime 200x ./internal/test/lambda

docs: ## rewrite the generated parts of the documents
	$(GO) test ./cmd/local ./internal/payment ./internal/test/lambda ./internal/test/deploy ./internal/test/proof -run 'Docs|Chart' -update

tools: ## fetch what the heavier tests need into .tools (npm, pip)
	@build/tools.sh

sam-host: ## what events/env.json expects for sam local: engine, table, fake iyzico
	@build/sam-host.sh

sam-local: ## run the functions in SAM's containers: every sample, and the API (needs Docker)
	@build/sam-local.sh

emulator: ## deploy a stack to an AWS account on this machine, change it, restore it, roll it back and delete it (make tools)
	@IADE_EMULATOR=1 $(GO) test ./internal/test/deploy -run '^TestAStackIsDeployed' -count=1 -timeout 40m -v

checkov: ## check the template with checkov, which is fetched on first use (pip)
	@build/checkov.sh

dist: ## programs for Linux, macOS and Windows in dist/, with checksums
	@build/dist.sh

destroy: ## delete the deployed stack after naming what is kept: make destroy STACK=iade CONFIRM=iade
	@ops/destroy.sh '$(or $(STACK),iade)' '$(CONFIRM)'

release: ## tag what is checked out, from which everything takes its version: make release VERSION=1.4.0
	@ops/release.sh '$(VERSION)'

deploy: ## build and deploy without a question, and look whether it runs: make deploy ENVIRONMENT=prod
	@ops/deploy.sh '$(or $(ENVIRONMENT),default)'

check: ## what CI runs
	@.ci/run
