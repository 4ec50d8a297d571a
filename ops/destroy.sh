#!/usr/bin/env bash
# Deletes the stack with `sam delete`, after naming what is kept and the commands that would remove that too. It asks for
# the stack's name, or takes it as the second argument. Usage: ops/destroy.sh STACK [NAME OF THE STACK AGAIN]
set -euo pipefail
stack=${1:-iade}
confirmed=${2:-}
sam=$(command -v sam || echo "$(dirname "$0")/../.tools/venv/bin/sam")
for tool in aws "$sam"; do
  command -v "$tool" >/dev/null || { echo "$tool is needed: nothing was deleted" >&2 && exit 2; }
done
if ! said=$(aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].StackStatus' --output text 2>&1); then
  echo "stack $stack cannot be read, so nothing was deleted: $said" >&2
  exit 2
fi
# physical LOGICALID is a resource's name in AWS, or nothing where the stack made none.
physical() {
  aws cloudformation describe-stack-resource --stack-name "$stack" --logical-resource-id "$1" \
    --query StackResourceDetail.PhysicalResourceId --output text 2>/dev/null || true
}

cat <<TEXT
Deleting stack $stack ($said) takes away the API, the functions, the bus, the alarms, the logs, and the queues with what
still waits in them. Nobody settles then what is unknown: GET /operations lists it; the dead-letter queues hold what nobody
could take. Policies of the stack that roles of callers hold must be detached first, or the deletion stops there.

These are kept, and cost money, until somebody removes them:
TEXT
# Every resource of template.yaml that is kept, which a test holds against it.
table=$(physical Table)
if [ -n "$table" ]; then
  stream=$(aws dynamodb describe-table --table-name "$table" --query Table.LatestStreamArn --output text 2>/dev/null || true)
  cat <<TEXT

  Table $table: which money has moved (protected against deletion; 35 days of point-in-time recovery)
    its stream        ${stream:-none}: it costs nothing while nobody reads it, and goes with the table
    use it again      deploy a stack, then: ops/set.sh STACK ExistingTable=$table ExistingTableStreamArn=${stream:-…}
    remove it         aws dynamodb update-table --table-name $table --no-deletion-protection-enabled
                      aws dynamodb delete-table --table-name $table
                      (its last state can be restored for 35 days: aws dynamodb list-backups --backup-type SYSTEM)
TEXT
else
  echo
  echo "  Table: the one that ExistingTable names is another stack's or was kept from one: nothing here touches it"
fi
journal=$(physical JournalTable)
cat <<TEXT

  JournalTable ${journal:-(not made)}: what became of each operation, for the books (protected against deletion; 35 days of point-in-time recovery)
    look into it      aws dynamodb query --table-name ${journal:-…} --key-condition-expression pk=:id --expression-attribute-values '{":id":{"S":"rf_…"}}'
    remove it         aws dynamodb update-table --table-name ${journal:-…} --no-deletion-protection-enabled
                      aws dynamodb delete-table --table-name ${journal:-…}
TEXT
for kept in "IyzicoSecret:iyzico's keys" 'CallbackStateSecret:the key of links that customers still hold'; do
  secret=$(physical "${kept%%:*}")
  copies=
  if [ -n "$secret" ]; then
    copies=$(aws secretsmanager describe-secret --secret-id "$secret" --query 'ReplicationStatus[].Region' --output text 2>/dev/null || true)
  fi
  cat <<TEXT

  ${kept%%:*} ${secret:-(not made)}: ${kept#*:}
    remove it         aws secretsmanager delete-secret --secret-id ${secret:-…} --recovery-window-in-days 30
TEXT
  if [ -n "$copies" ] && [ "$copies" != None ]; then
    echo "    its copies, first aws secretsmanager remove-regions-from-replication --secret-id $secret --remove-replica-regions $copies"
  fi
done
# Rules of the merchant's own on the bus: CloudFormation deletes no bus that has any.
bus=$(physical EventBus)
rules=
if [ -n "$bus" ]; then
  rules=$(aws events list-rules --event-bus-name "$bus" --query 'Rules[].Name' --output text 2>/dev/null || true)
fi
ours=" $(physical RefundRequestedRule) $(physical CancelRequestedRule) "
for rule in $rules; do
  case $ours in
  *" $rule "* | *"|$rule "*) continue ;;
  esac
  if [ "$rule" != None ]; then
    printf '\n  Rule %s is not the stack'"'"'s, and keeps its bus from being deleted. Before you go on:\n' "$rule"
    echo "    remove it         aws events remove-targets --event-bus-name $bus --rule $rule --ids \$(aws events list-targets-by-rule --event-bus-name $bus --rule $rule --query 'Targets[].Id' --output text)"
    echo "                      aws events delete-rule --event-bus-name $bus --name $rule"
  fi
done
echo
if [ -z "$confirmed" ] && [ -t 0 ]; then
  read -r -p "The stack's name, to delete it: " confirmed
fi
if [ "$confirmed" != "$stack" ]; then
  echo "Nothing was deleted: that takes CONFIRM=$stack" >&2
  exit 1
fi
aws cloudformation update-termination-protection --stack-name "$stack" --no-enable-termination-protection >/dev/null
SAM_CLI_TELEMETRY=0 "$sam" delete --stack-name "$stack" --no-prompts
