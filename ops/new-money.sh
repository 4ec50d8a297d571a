#!/usr/bin/env bash
# Switches new money off or on in a deployed stack and waits until every function has it, about a minute. All else of the
# stack stays as it was deployed, and no deploy undoes it; no checkout of what is deployed is needed, only the AWS CLI.
set -euo pipefail
if [ $# -lt 2 ] || [ $# -gt 3 ] || { [ "$2" != on ] && [ "$2" != off ]; }; then
  echo 'usage: ops/new-money.sh STACK off "what refused callers are told" | ops/new-money.sh STACK on' >&2
  exit 2
fi
"$(dirname "$0")/set.sh" "$1" "NewMoney=$2" "NewMoneyReason=${3-}"
echo "new money is $2 in $1"
