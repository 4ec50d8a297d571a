#!/usr/bin/env bash
# Asks a deployed stack for its health without its API: one look at the function that serves GET /health, and one pass of the
# reconciler, which moves no money. With a version it fails unless that one runs. Usage: ops/health.sh STACK [VERSION]
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: ops/health.sh STACK [VERSION]" >&2
  exit 2
fi
stack=$1 version=${2-}
status=$(aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].StackStatus' --output text)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
answer=$folder/answer
# ask OUTPUT EVENT WANTED LOG: the function that an output names answers the event with what is wanted. Its alias is what everybody
# calls. A file is an event as it is for either version of the AWS CLI.
ask() {
  local function
  function=$(aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text)
  : >"$answer"
  printf '%s' "$2" >"$folder/event"
  aws lambda invoke --function-name "$function" --qualifier live --payload "fileb://$folder/event" "$answer" >/dev/null || true
  if grep -qF -- "$3" "$answer"; then
    return
  fi
  echo "$stack is $status, but $function does not answer as it should: $(head -c 2000 "$answer")" >&2
  echo "Look: aws logs tail /aws/lambda/$stack/$4 --since 10m" >&2
  exit 1
}
ask StatusFunctionName '{"version":"2.0","routeKey":"GET /health","rawPath":"/health","headers":{},"requestContext":{"http":{"method":"GET","path":"/health"},"requestId":"health"}}' \
  '"statusCode":200' status
runs=$(sed -nE 's/.*\\"version\\":\\"([^"\\]*)\\".*/\1/p' "$answer")
if [ -n "$version" ] && [ "$runs" != "$version" ]; then
  echo "$stack is $status and runs ${runs:-no version that it names}, not $version" >&2
  exit 1
fi
ask ReconcileFunctionName '{"reconcile":true}' '"failed":0' reconcile
echo "$stack is $status and answers; it runs ${runs:-no version that it names}"
