#!/usr/bin/env bash
# Fetches, by package name, what the heavier tests need into .tools. Each line says what is being fetched and why.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p .tools
failed=0
if [ ! -x .tools/node_modules/@dynoxide/linux-x64/dynoxide ]; then
  echo "dynoxide (a DynamoDB engine for internal/store/dynamo's tests), with npm"
  if ! npm install --prefix .tools --no-save --no-audit --no-fund --loglevel=error @dynoxide/linux-x64@1.2.1; then
    echo "dynoxide could not be fetched: tests of internal/store/dynamo are left out (or set AWS_ENDPOINT_URL_DYNAMODB)" >&2
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
schemathesis=4.32.0
if [ "$(cat .tools/schemathesis/version 2>/dev/null)" != "$schemathesis" ]; then
  echo "schemathesis $schemathesis (fuzzes the API from openapi.yaml, for build/schemathesis.sh), with pip, about 90 MB"
  rm -rf .tools/schemathesis
  if python3 -m venv .tools/schemathesis &&
    .tools/schemathesis/bin/python -m pip install --quiet --disable-pip-version-check --no-input "schemathesis==$schemathesis"; then
    echo "$schemathesis" >.tools/schemathesis/version
  else
    rm -rf .tools/schemathesis
    echo "schemathesis could not be fetched (python3 with venv and pip is needed): make schemathesis is left out" >&2
    failed=1
  fi
fi
iyzipay_node=2.0.69
if [ "$(cat .tools/sdk/node/version 2>/dev/null)" != "$iyzipay_node" ]; then
  # A folder of its own: npm takes away what an earlier --no-save put there.
  echo "iyzipay $iyzipay_node (iyzico's client for Node.js, to run against the fake in pkg/iyzico/iyzicotest's tests), with npm"
  rm -rf .tools/sdk/node
  if mkdir -p .tools/sdk/node &&
    npm install --prefix .tools/sdk/node --no-save --no-audit --no-fund --loglevel=error "iyzipay@$iyzipay_node"; then
    echo "$iyzipay_node" >.tools/sdk/node/version
  else
    rm -rf .tools/sdk/node
    echo "iyzipay for Node.js could not be fetched (npm is needed): TestOfficialNodeClient is left out" >&2
    failed=1
  fi
fi
iyzipay_python=1.0.46
if [ "$(cat .tools/sdk/python/version 2>/dev/null)" != "$iyzipay_python" ]; then
  echo "iyzipay $iyzipay_python (iyzico's client for Python, to run against the fake's HTTPS in the same tests), with pip"
  rm -rf .tools/sdk/python
  if python3 -m pip install --quiet --disable-pip-version-check --no-input --no-deps --target .tools/sdk/python "iyzipay==$iyzipay_python"; then
    echo "$iyzipay_python" >.tools/sdk/python/version
  else
    rm -rf .tools/sdk/python
    echo "iyzipay for Python could not be fetched (python3 with pip is needed): TestOfficialPythonClient is left out" >&2
    failed=1
  fi
fi
typescript=5.9.3 node_types=22.20.7
if [ "$(cat .tools/typescript/version 2>/dev/null)" != "$typescript $node_types" ]; then
  echo "typescript $typescript (checks and compiles examples/node for internal/test/examples), with npm"
  rm -rf .tools/typescript
  if mkdir -p .tools/typescript &&
    npm install --prefix .tools/typescript --no-save --no-audit --no-fund --loglevel=error "typescript@$typescript" "@types/node@$node_types"; then
    echo "$typescript $node_types" >.tools/typescript/version
  else
    rm -rf .tools/typescript
    echo "typescript could not be fetched (npm is needed): the examples in TypeScript are left out" >&2
    failed=1
  fi
fi
# What build/clients.sh needs: the tools that read openapi.yaml, and what the clients that they write are compiled against.
redocly=2.77.0 spectral=6.16.3 hey=0.99.0 openapi_typescript=7.13.0
nodes="$redocly $spectral $hey $openapi_typescript $typescript $node_types"
if [ "$(cat .tools/clients/node/version 2>/dev/null)" != "$nodes" ]; then
  echo "Redocly CLI, Spectral, @hey-api/openapi-ts and openapi-typescript (check openapi.yaml and generate clients from it), with npm, about 200 MB"
  rm -rf .tools/clients/node
  if mkdir -p .tools/clients/node &&
    npm install --prefix .tools/clients/node --no-save --no-audit --no-fund --loglevel=error "@redocly/cli@$redocly" "@stoplight/spectral-cli@$spectral" \
      "@hey-api/openapi-ts@$hey" "openapi-typescript@$openapi_typescript" "typescript@$typescript" "@types/node@$node_types"; then
    echo "$nodes" >.tools/clients/node/version
  else
    rm -rf .tools/clients/node
    echo "the tools for openapi.yaml could not be fetched (npm is needed): build/clients.sh is left out" >&2
    failed=1
  fi
fi
jars=$(cksum <build/clients/pom.xml)
if [ "$(cat .tools/clients/java/version 2>/dev/null)" != "$jars" ]; then
  echo "openapi-generator-cli and what its client in Java needs (build/clients/pom.xml), with mvn, about 35 MB"
  rm -rf .tools/clients/java
  if mvn --quiet --batch-mode --file build/clients/pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DexcludeTransitive=true "-DoutputDirectory=$PWD/.tools/clients/java"; then
    echo "$jars" >.tools/clients/java/version
  else
    rm -rf .tools/clients/java
    echo "openapi-generator-cli could not be fetched (mvn and a JDK are needed): build/clients.sh is left out" >&2
    failed=1
  fi
fi
pydantic=2.12.4 urllib3=2.5.0
if [ "$(cat .tools/clients/python/version 2>/dev/null)" != "$pydantic $urllib3" ]; then
  echo "pydantic $pydantic and urllib3 $urllib3 (the generated client in Python needs them), with pip"
  rm -rf .tools/clients/python
  if python3 -m pip install --quiet --disable-pip-version-check --no-input --target .tools/clients/python \
    "pydantic==$pydantic" "urllib3==$urllib3" python-dateutil==2.9.0.post0 typing-extensions==4.15.0 2>/dev/null; then
    echo "$pydantic $urllib3" >.tools/clients/python/version
  else
    rm -rf .tools/clients/python
    echo "pydantic could not be fetched (python3 with pip is needed): build/clients.sh is left out" >&2
    failed=1
  fi
fi
if ! command -v php >/dev/null; then
  echo "php (runs examples/php for internal/test/examples), with apt-get"
  if [ "$(id -u)" -ne 0 ] || ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends php-cli; } >/dev/null; then
    echo "php could not be installed (Debian's apt-get as root is needed): the examples in PHP are left out" >&2
    failed=1
  fi
fi
if ! command -v chromium >/dev/null; then
  echo "chromium (the browser that walks through a refund to balance in cmd/local's tests), with apt-get"
  if [ "$(id -u)" -ne 0 ] || ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null; then
    echo "chromium could not be installed (Debian's apt-get as root is needed): TestTheCustomerInARealBrowser is left out" >&2
    failed=1
  fi
fi
exit $failed
