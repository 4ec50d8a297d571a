#!/usr/bin/env bash
# Switches new money off or on in a deployed stack and waits until every function has it, about a minute. All else of the
# stack stays as it was deployed; no checkout of what is deployed is needed, only the AWS CLI.
set -euo pipefail
if [ $# -lt 2 ] || [ $# -gt 3 ] || { [ "$2" != on ] && [ "$2" != off ]; }; then
  echo 'usage: build/new-money.sh STACK off "what refused callers are told" | build/new-money.sh STACK on' >&2
  exit 2
fi
stack=$1 reason=${3-}
reason=${reason//\\/\\\\}
reason=${reason//\"/\\\"}
parameters="{\"ParameterKey\":\"NewMoney\",\"ParameterValue\":\"$2\"},{\"ParameterKey\":\"NewMoneyReason\",\"ParameterValue\":\"$reason\"}"
for key in $(aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Parameters[].ParameterKey' --output text); do
  case $key in
  NewMoney | NewMoneyReason) ;;
  *) parameters+=",{\"ParameterKey\":\"$key\",\"UsePreviousValue\":true}" ;;
  esac
done
aws cloudformation update-stack --stack-name "$stack" --use-previous-template \
  --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --parameters "[$parameters]"
aws cloudformation wait stack-update-complete --stack-name "$stack"
echo "new money is $2 in $stack"
