#!/usr/bin/env bash
# Checks template.yaml, the stack within it, and what SAM's transform makes of it, with checkov. .checkov.yaml has the exceptions that hold
# everywhere, and template.yaml those of single resources, each with its reason. `checkov.sh fetch` only fetches checkov,
# into an environment of its own, which the check does too where it is absent. Nothing is asked of the network otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."
version=3.3.0
if [ "$(cat .tools/checkov/version 2>/dev/null)" != "$version" ]; then
  echo "checkov $version, with pip, about 290 MB"
  rm -rf .tools/checkov
  mkdir -p .tools
  if ! { python3 -m venv .tools/checkov && .tools/checkov/bin/python -m pip install --quiet --disable-pip-version-check --no-input "checkov==$version"; }; then
    rm -rf .tools/checkov
    echo "checkov could not be fetched: python3 with venv and pip is needed" >&2
    exit 2
  fi
  echo "$version" >.tools/checkov/version
fi
if [ "${1:-}" = fetch ]; then
  exit
fi
if [ ! -x .tools/venv/bin/sam ]; then
  echo "sam, whose transform is checked too, is not in .tools/venv: run make tools" >&2
  exit 2
fi
mkdir -p .aws-sam
.tools/venv/bin/python build/transform.py template.yaml .aws-sam/transformed.json
.tools/checkov/bin/checkov --config-file .checkov.yaml --file template.yaml infra/observability.yaml .aws-sam/transformed.json
