#!/usr/bin/env bash
# Changes settings of a deployed stack and nothing else: its template and every other setting stay as they were deployed.
# Shows the values before and after, waits, asks one function for its health, and says how things stand if the change was
# taken back. The AWS CLI is all that it needs. Usage: ops/set.sh STACK Key=Value [Key=Value …]
#
# It also puts a policy onto the stack: a deploy that would change what the resource Decisions of template.yaml holds (whether
# new money is off, which table is used, and since when) fails from then on, and only this script changes it.
set -euo pipefail
usage() {
  echo "usage: ops/set.sh STACK Key=Value [Key=Value …]" >&2
  exit 2
}
stop() {
  echo "$1: nothing was changed" >&2
  exit 2
}
[ $# -ge 2 ] || usage
command -v aws >/dev/null || stop "the AWS CLI is needed"
stack=$1
shift

state() { aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].StackStatus' --output text; }
health() { "$(dirname "$0")/health.sh" "$stack"; }
parameters() { aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Parameters[].[ParameterKey,ParameterValue]' --output text; }
# value KEY LINES is the value in lines of key, tab and value. It fails where no line has the key.
value() {
  local key value
  while IFS=$'\t' read -r key value; do
    if [ "$key" = "$1" ]; then
      printf '%s' "$value"
      return
    fi
  done <<<"$2"
  return 1
}
quoted() { # as in JSON
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}
status=$(state 2>&1) || stop "stack $stack cannot be read ($status)"
case $status in
CREATE_COMPLETE | UPDATE_COMPLETE | UPDATE_ROLLBACK_COMPLETE) ;;
UPDATE_ROLLBACK_FAILED) stop "stack $stack is $status (first: aws cloudformation continue-update-rollback --stack-name $stack)" ;;
*) stop "stack $stack is $status" ;;
esac
before=$(parameters)

after= differs=
for argument; do
  key=${argument%%=*} new=${argument#*=}
  [ "$key" != "$argument" ] || usage
  old=$(value "$key" "$before") || stop "stack $stack has no setting $key"
  ! value "$key" "$after" >/dev/null || stop "$key is given twice"
  [ "$key" != Architecture ] || stop "Architecture goes with what was built (sam build && sam deploy)"
  # What was copied from a page or a chat may hold line breaks and no-break spaces.
  new=${new//[[:cntrl:]]/ }
  new=${new//$'\xc2\xa0'/ }
  after+=$key$'\t'$new$'\n'
  if [ "$old" = "$new" ]; then
    echo "$key: '$old', as it is"
  else
    echo "$key: '$old' -> '$new'"
    differs=yes
  fi
done
if [ -z "$differs" ]; then
  echo "nothing to change"
  health
  exit
fi

list=
while IFS=$'\t' read -r key _; do
  if new=$(value "$key" "$after"); then
    list+=",{\"ParameterKey\":\"$key\",\"ParameterValue\":$(quoted "$new")}"
  else
    list+=",{\"ParameterKey\":\"$key\",\"UsePreviousValue\":true}"
  fi
done <<<"$before"
anything='{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}'
decisions='{"Effect":"Deny","Action":"Update:*","Principal":"*","Resource":"LogicalResourceId/Decisions"}'
# Whoever may change settings and no policies must be able to switch new money off all the same.
aws cloudformation set-stack-policy --stack-name "$stack" --stack-policy-body "{\"Statement\":[$anything,$decisions]}" ||
  echo "The stack's policy could not be set: a deploy could undo this (ops/protect.sh $stack)" >&2
said=$(aws cloudformation update-stack --stack-name "$stack" --use-previous-template --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
  --stack-policy-during-update-body "{\"Statement\":[$anything]}" --parameters "[${list#,}]" 2>&1) || stop "$said"
echo "changing …"
if aws cloudformation wait stack-update-complete --stack-name "$stack"; then
  health
  exit
fi
now=$(parameters)
echo "The change was taken back. $stack is $(state), with" >&2
while IFS=$'\t' read -r key _; do
  [ -z "$key" ] || echo "  $key: '$(value "$key" "$now")'" >&2
done <<<"$after"
echo "Why:" >&2
aws cloudformation describe-stack-events --stack-name "$stack" --max-items 50 --output text \
  --query "StackEvents[?ends_with(ResourceStatus,'_FAILED') && !contains(ResourceStatusReason,'cancelled')].[LogicalResourceId,ResourceStatusReason]" >&2 || true
health || true
exit 1
