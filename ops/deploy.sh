#!/usr/bin/env bash
# Builds and deploys one environment of samconfig.toml and looks whether it runs what was built. The stack's tag `version` and
# GET /health say which one that is. It asks nothing; with CONFIRM=yes CloudFormation's changes are shown and confirmed first.
# Usage: ops/deploy.sh [ENVIRONMENT]
set -euo pipefail
cd "$(dirname "$0")/.."
environment=${1:-default}
stack=$(sed -nE "/^\[$environment\.global\.parameters\]/,/^\[$environment\.build/s/^stack_name = \"(.*)\"/\1/p" samconfig.toml)
if [ -z "$stack" ]; then
  echo "samconfig.toml has no environment $environment with a stack: nothing was deployed" >&2
  exit 2
fi
version=$(git describe --tags --always --dirty)
sam build --config-env "$environment"
confirm=--no-confirm-changeset
if [ "${CONFIRM-}" = yes ]; then
  confirm=--confirm-changeset
fi
sam deploy --config-env "$environment" "$confirm" --tags "application=iade version=$version"
ops/health.sh "$stack" "$version"
