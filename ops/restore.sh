#!/usr/bin/env bash
# Restores a stack's table from its backups to a new table and gives it to the stack: as it was at TIME, or as late as can be. New
# money must be off. It waits for the table, gives it what a restore leaves out (stream, expiry, backups, protection), waits
# until one SettleWindow has passed, so that iyzico's report shows all that was under way, and changes the stack. It may be broken
# off and begun again. New money stays off. Usage: ops/restore.sh STACK NEW_TABLE [TIME, as 2026-01-31T12:00:00Z]
set -euo pipefail
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo "usage: ops/restore.sh STACK NEW_TABLE [TIME]" >&2
  exit 2
fi
stack=$1 table=$2 time=${3-}
stop() {
  echo "$1: nothing was changed" >&2
  exit 2
}
parameter() { aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Parameters[?ParameterKey=='$1'].ParameterValue" --output text; }
of_table() { aws dynamodb describe-table --table-name "$table" --query "Table.$1" --output text; }

money=$(parameter NewMoney)
[ "$money" = off ] || stop "new money is ${money:-not to be read} in $stack (first: ops/new-money.sh $stack off 'The table is being restored')"
window=$(parameter SettleWindow)
case $window in
*h) wait=$((${window%h} * 3600)) ;;
*m) wait=$((${window%m} * 60)) ;;
*) stop "SettleWindow is $window" ;;
esac
source=$(aws cloudformation describe-stacks --stack-name "$stack" --query "Stacks[0].Outputs[?OutputKey=='TableName'].OutputValue" --output text)
[ "$source" != "$table" ] || stop "$stack uses $table already"

# until_is QUERY VALUE: the table says so.
until_is() {
  local said=
  until said=$(of_table "$1") && [ "$said" = "$2" ]; do
    case $said in
    *DELETING* | *ARCHIVED*) stop "$table is $said" ;;
    esac
    sleep 10
  done
}
if of_table TableStatus >/dev/null 2>&1; then
  echo "$table is there already: going on with it"
elif [ -n "$time" ]; then
  aws dynamodb restore-table-to-point-in-time --source-table-name "$source" --target-table-name "$table" --restore-date-time "$time" >/dev/null
else
  aws dynamodb restore-table-to-point-in-time --source-table-name "$source" --target-table-name "$table" --use-latest-restorable-time >/dev/null
fi
echo "waiting for $table, restored from $source"
until_is TableStatus ACTIVE
until_is "GlobalSecondaryIndexes[?IndexName=='open'].IndexStatus | [0]" ACTIVE
stream=$(of_table LatestStreamArn)
if [ "$stream" = None ]; then
  aws dynamodb update-table --table-name "$table" --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES >/dev/null
  until_is TableStatus ACTIVE
  stream=$(of_table LatestStreamArn)
fi
ttl=$(aws dynamodb describe-time-to-live --table-name "$table" --query TimeToLiveDescription.TimeToLiveStatus --output text)
if [ "$ttl" = DISABLED ]; then
  aws dynamodb update-time-to-live --table-name "$table" --time-to-live-specification Enabled=true,AttributeName=expiresAt >/dev/null
fi
aws dynamodb update-continuous-backups --table-name "$table" \
  --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=35 >/dev/null
aws dynamodb update-table --table-name "$table" --deletion-protection-enabled >/dev/null
until_is TableStatus ACTIVE
echo "$table has its index, stream, expiry, backups and protection"
if [ "$SECONDS" -lt "$wait" ]; then
  echo "waiting for one SettleWindow ($window) since the beginning"
  sleep $((wait - SECONDS))
fi
"$(dirname "$0")/set.sh" "$stack" "ExistingTable=$table" "ExistingTableStreamArn=$stream" "TableRestoredAt=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
echo "$stack uses $table, and reads each payment from iyzico again before it sends anything. Look at needs_review, then: ops/new-money.sh $stack on"
