#!/usr/bin/env bash
# Checks template.yaml, and the stack within it, with CloudFormation's and SAM's own tools, as it is and as SAM's transform leaves it, and builds
# every function for both architectures: .aws-sam/build as `sam build` alone does, and .aws-sam/x86.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.tools/venv/bin
if [ ! -x "$bin/sam" ] || [ ! -x "$bin/cfn-lint" ]; then
  echo "sam and cfn-lint are not in .tools/venv: run make tools" >&2
  exit 2
fi
if ! command -v make >/dev/null; then
  echo "make is needed: sam build runs it for every function" >&2
  exit 2
fi
# Nothing here asks AWS for anything.
export SAM_CLI_TELEMETRY=0 AWS_EC2_METADATA_DISABLED=true AWS_DEFAULT_REGION=eu-central-1
step() {
  echo "== $*"
  "$@"
}
mkdir -p .aws-sam
step "$bin/cfn-lint" template.yaml infra/observability.yaml
step "$bin/sam" validate --lint
step "$bin/python" build/transform.py template.yaml .aws-sam/transformed.json
step "$bin/cfn-lint" .aws-sam/transformed.json
step "$bin/sam" build
step "$bin/sam" build --config-env x86
