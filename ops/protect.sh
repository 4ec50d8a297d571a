#!/usr/bin/env bash
# Protects a deployed stack, once, after its first deployment: nobody deletes it by accident, and no deploy changes what the
# resource Decisions of template.yaml holds (ops/set.sh does). Usage: ops/protect.sh STACK
set -euo pipefail
if [ $# -ne 1 ]; then
  echo "usage: ops/protect.sh STACK" >&2
  exit 2
fi
anything='{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}'
decisions='{"Effect":"Deny","Action":"Update:*","Principal":"*","Resource":"LogicalResourceId/Decisions"}'
aws cloudformation set-stack-policy --stack-name "$1" --stack-policy-body "{\"Statement\":[$anything,$decisions]}"
aws cloudformation update-termination-protection --stack-name "$1" --enable-termination-protection >/dev/null
echo "$1 is protected against deletion and against deploys that undo decisions"
