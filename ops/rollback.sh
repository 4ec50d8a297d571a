#!/usr/bin/env bash
# Leads every function of a deployed stack back to an earlier release, code and settings in one step: to the one before, or to RELEASE
# (the same command goes forward again). What people decided stays as it is now, whatever that release had: whether new money is
# off, which table is used and since when, from which amount a person decides, and the merchant's limits. Roles, routes,
# queues and alarms stay too. It needs the AWS CLI and curl, and no checkout of what is deployed. Usage: ops/rollback.sh STACK [RELEASE]
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: ops/rollback.sh STACK [RELEASE]" >&2
  exit 2
fi
stack=$1 wanted=${2-}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
stop() {
  echo "$1: nothing was changed" >&2
  exit 2
}
of_stack() { aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].$1" --output text; }
output() { of_stack "Outputs[?OutputKey=='$1'].OutputValue"; }
quoted() { # as in JSON
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}
status=$(of_stack StackStatus 2>&1) || stop "stack $stack cannot be read ($status)"
case $status in
CREATE_COMPLETE | UPDATE_COMPLETE | UPDATE_ROLLBACK_COMPLETE | UPDATE_ROLLBACK_FAILED) ;;
*) stop "stack $stack is $status" ;;
esac
releases=$(output ReleasesName)
[ -n "$releases" ] || stop "stack $stack has no output ReleasesName, so it was deployed without releases"
# A line for each release: its number, its time, and its functions' versions as ARNs.
history=$(aws ssm get-parameter-history --name "$releases" --query 'Parameters[].[Version,LastModifiedDate,Value]' --output text | sort -n)
list() {
  local n time versions
  echo "Releases of $stack:" >&2
  while IFS=$'\t' read -r n time versions; do echo "  $n of $time" >&2; done <<<"$history"
}

# each COMMAND VERSION…: the command for every version (an ARN) with its function's name and number, all at once.
each() {
  local command=$1 arn number failed=
  local -a jobs=()
  shift
  for arn; do
    number=${arn##*:} arn=${arn%:*}
    "$command" "${arn##*:}" "$number" &
    jobs+=($!)
  done
  for arn in "${jobs[@]}"; do wait "$arn" || failed=yes; done
  [ -z "$failed" ]
}
live() { aws lambda get-alias --function-name "$1" --name live --query FunctionVersion --output text >"$folder/$1.live"; }
IFS=$'\t' read -r newest _ versions <<<"$(tail -1 <<<"$history")"
# shellcheck disable=SC2086 # words
each live $versions || stop "the alias live of a function cannot be read"
now= before= target= runs=
for arn in $versions; do
  name=${arn%:*}
  now+=" ${arn%:*}:$(cat "$folder/${name##*:}.live")"
done
now=${now# }
while IFS=$'\t' read -r n time versions; do
  if [ "$versions" = "$now" ]; then
    runs=$n
    [ -n "$wanted" ] || target=$before
  fi
  [ "$n" != "$wanted" ] || target=$n$'\t'$time$'\t'$versions
  before=$n$'\t'$time$'\t'$versions
done <<<"$history"
if [ -z "$target" ]; then
  list
  [ -z "$wanted" ] || stop "there is no release $wanted"
  [ -n "$runs" ] || stop "what runs is none of these as it was (a rollback made it), so say which you want: ops/rollback.sh $stack RELEASE"
  stop "release $runs is the first"
fi
IFS=$'\t' read -r number time versions <<<"$target"
echo "release ${runs:-(one that a rollback made, newest is $newest)} -> release $number of $time"

# The variables that hold what people decided, and the parameters that they come from; a test holds these against the template.
decisions='NEW_MONEY:NewMoney NEW_MONEY_REASON:NewMoneyReason TABLE_RESTORED_AT:TableRestoredAt
  REVIEW_ABSENCE_FROM:ReviewAbsenceFrom MAX_REFUND_AMOUNT_PER_DAY:MaxRefundAmountPerDay MAX_REFUNDS_PER_HOUR:MaxRefundsPerHour'
decided="\"TABLE_NAME\":$(quoted "$(output TableName)")"
while IFS=$'\t' read -r key value; do
  for pair in $decisions; do
    [ "${pair#*:}" != "$key" ] || decided+=",\"${pair%:*}\":$(quoted "$value")"
  done
done <<<"$(of_stack 'Parameters[].[ParameterKey,ParameterValue]')"
literal="{${decided//\`/\\\`}}"
# fetch NAME NUMBER: that version's code, size and variables, with the decisions; and whether it has them already.
fetch() {
  aws lambda get-function --function-name "$1" --qualifier "$2" --output text >"$folder/$1.version" --query \
    "[Code.Location,Configuration.MemorySize,Configuration.Timeout,Configuration.Environment.Variables==merge(Configuration.Environment.Variables,\`$literal\`)]" &&
    aws lambda get-function-configuration --function-name "$1" --qualifier "$2" --output json >"$folder/$1.environment" \
      --query "{Variables:merge(Environment.Variables,\`$literal\`)}" &&
    curl -fsS -o "$folder/$1.zip" "$(cut -f1 "$folder/$1.version")"
}
# go_to NAME NUMBER: everybody who calls the function gets that version from now on.
go_to() { aws lambda update-alias --function-name "$1" --name live --function-version "$2" >/dev/null; }
# over NAME SAID: the update is over, at once or in a moment.
over() { [ "$2" = Successful ] || aws lambda wait function-updated --function-name "$1"; }
# prepare NAME NUMBER: what the next change of a setting publishes is that version's code, and not what was led back from.
prepare() {
  local memory timeout said
  read -r _ memory timeout _ <"$folder/$1.version"
  said=$(aws lambda update-function-code --function-name "$1" --zip-file "fileb://$folder/$1.zip" --query LastUpdateStatus --output text) &&
    over "$1" "$said" &&
    said=$(aws lambda update-function-configuration --function-name "$1" --memory-size "$memory" --timeout "$timeout" \
      --environment "file://$folder/$1.environment" --query LastUpdateStatus --output text) &&
    over "$1" "$said"
}
publish() {
  aws lambda publish-version --function-name "$1" --description "release $number with the decisions of today" --query Version --output text >"$folder/$1.new"
}

# shellcheck disable=SC2086
each fetch $versions || stop "a version of release $number cannot be read"
same=yes
for arn in $versions; do
  name=${arn%:*}
  grep -q 'True$' "$folder/${name##*:}.version" || same=
done
[ -n "$same" ] || echo "these decisions stay, which release $number does not have: {$decided}"
again="begin again with: ops/rollback.sh $stack $number"
# shellcheck disable=SC2086
if [ -n "$same" ]; then
  each go_to $versions || { echo "Not every function went back; $again" >&2 && exit 1; }
  echo "every function runs release $number"
  each prepare $versions || { echo "The next change of a setting would bring the code back that was led back from; $again" >&2 && exit 1; }
else
  each prepare $versions && each publish $versions || { echo "What runs is as it was, but not what the next change of a setting publishes; $again" >&2 && exit 1; }
  made=
  for arn in $versions; do
    name=${arn%:*}
    made+=" $name:$(cat "$folder/${name##*:}.new")"
  done
  each go_to $made || { echo "Not every function went back; $again" >&2 && exit 1; }
  echo "every function runs release $number with the decisions of today"
fi
"$(dirname "$0")/health.sh" "$stack"
echo "Forward again: ops/rollback.sh $stack $newest, or a deploy of another version. ops/set.sh keeps this code, and sets every setting as the stack has it"
