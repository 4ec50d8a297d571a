#!/usr/bin/env bash
# Fetches, by package name, what the heavier tests need into .tools. Each line says what is being fetched and why.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p .tools
failed=0
if [ ! -x .tools/node_modules/@dynoxide/linux-x64/dynoxide ]; then
  echo "dynoxide (a DynamoDB engine for internal/dynamo's tests), with npm"
  if ! npm install --prefix .tools --no-save --no-audit --no-fund --loglevel=error @dynoxide/linux-x64@1.2.1; then
    echo "dynoxide could not be fetched: tests of internal/dynamo are left out (or set AWS_ENDPOINT_URL_DYNAMODB)" >&2
    failed=1
  fi
  chmod +x .tools/node_modules/@dynoxide/linux-x64/dynoxide 2>/dev/null
fi
sam=1.170.0
cfn_lint=1.58.0
if [ "$(cat .tools/venv/versions 2>/dev/null)" != "$sam $cfn_lint" ]; then
  echo "aws-sam-cli $sam and cfn-lint $cfn_lint (for build/template.sh), with pip, about 350 MB"
  rm -rf .tools/venv
  if python3 -m venv .tools/venv &&
    .tools/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input "aws-sam-cli==$sam" "cfn-lint==$cfn_lint"; then
    echo "$sam $cfn_lint" >.tools/venv/versions
  else
    rm -rf .tools/venv
    echo "aws-sam-cli and cfn-lint could not be fetched (python3 with venv and pip is needed): TestTemplateTools is left out" >&2
    failed=1
  fi
fi
exit $failed
