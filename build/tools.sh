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
exit $failed
