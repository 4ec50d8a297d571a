#!/usr/bin/env bash
# Runs the functions in SAM's containers: every sample of events/ with `sam local invoke`, and `sam local start-api` under
# the suite that every entrance of the API passes. build/docker.sh sees to Docker. Usage: build/sam-local.sh [go test flags]
set -euo pipefail
cd "$(dirname "$0")/.."
sam=.tools/venv/bin/sam
if [ ! -x "$sam" ] || [ ! -x .tools/node_modules/@dynoxide/linux-x64/dynoxide ]; then
  echo "sam or dynoxide is not in .tools: run make tools" >&2
  exit 2
fi
# An environment of samconfig.toml for each kind of processor: under emulation every call would take seconds.
case $(uname -m) in
x86_64) environment=x86 folder=.aws-sam/x86 architecture=x86_64 ;;
*) environment=default folder=.aws-sam/build architecture=arm64 ;;
esac
build/docker.sh "$architecture"
export SAM_CLI_TELEMETRY=0 AWS_EC2_METADATA_DISABLED=true AWS_DEFAULT_REGION=eu-central-1
log=$(mktemp)
# SAM takes its containers away. What an interruption leaves behind is what runs these functions.
clean() {
  rm -f "$log"
  local function container
  for function in "$folder"/*/; do
    for container in $(docker ps -aq --filter label=sam.cli.container.type=lambda --filter "volume=$PWD/${function%/}"); do
      docker rm -f "$container" >/dev/null || true
    done
  done
}
trap clean EXIT
trap 'exit 130' INT TERM
echo "sam build"
if ! "$sam" build --config-env "$environment" >"$log" 2>&1; then
  cat "$log"
  exit 1
fi
IADE_SAM_LOCAL=1 go test ./internal/test/deploy -run '^TestSAMLocal$' -count=1 -timeout 30m "$@"
