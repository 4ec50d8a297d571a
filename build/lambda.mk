# How `sam build` builds every function: template.yaml names build/<architecture>/ as the folder of the Makefile, which sets
# GOARCH and includes this file. make and Go are all it needs. SAM's own way for Go gives a dynamic binary on the machine's
# own architecture and hides what the compiler says.
GO ?= go
ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)

# BalanceCallbackFunction is functions/balance-callback.
folder = $(shell echo '$*' | sed -E 's/([a-z])([A-Z])/\1-\2/g' | tr '[:upper:]' '[:lower:]')

# What /health and the log's first line say. A folder without git has no version.
VERSION := $(or $(shell git -C '$(ROOT)' describe --tags --always --dirty 2>/dev/null),unversioned)

# Static, without paths of the machine that built it: the same sources at the same commit give the same bytes. lambda.norpc
# leaves out what only a retired runtime needs.
build-%Function:
	cd '$(ROOT)' && CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH) $(GO) build -trimpath -buildvcs=false -tags lambda.norpc \
		-ldflags '-s -w -X github.com/iade/iade/internal/version.tag=$(VERSION)' -o '$(abspath $(ARTIFACTS_DIR))/bootstrap' './functions/$(folder)'
