#!/usr/bin/env bash
# Runs on this machine what events/env.json expects for `sam local`: a DynamoDB engine on port 8000 with table iade, and the
# fake iyzico on port 8081 with its payments, where containers reach them and nobody outside this machine does. They begin
# empty, and end with Ctrl-C. ENGINE_PORT and IYZICO_PORT choose other ports.
set -euo pipefail
cd "$(dirname "$0")/.."
engine_port=${ENGINE_PORT:-8000}
iyzico_port=${IYZICO_PORT:-8081}
engine=.tools/node_modules/@dynoxide/linux-x64/dynoxide
if [ ! -x "$engine" ]; then
  echo "dynoxide is not in .tools: run make tools" >&2
  exit 2
fi
# host.docker.internal is the bridge's address on Linux. Docker Desktop leads it to loopback.
host=$(ip -4 -o addr show docker0 2>/dev/null | sed -nE 's/.* inet ([0-9.]+)\/.*/\1/p' || true)
host=${host:-127.0.0.1}
data=$(mktemp -d)
started=()
stop() {
  trap '' EXIT INT TERM
  kill "${started[@]}" 2>/dev/null || true
  wait
  rm -rf "$data"
}
trap stop EXIT
trap 'exit 0' INT TERM
go build -o "$data/" ./cmd/local ./cmd/fake-iyzico
"$engine" serve --host "$host" --port "$engine_port" >"$data/engine.log" 2>&1 &
engine_process=$!
started+=("$engine_process")
for _ in $(seq 50); do
  grep -q listening "$data/engine.log" && break
  if ! kill -0 "$engine_process" 2>/dev/null; then
    cat "$data/engine.log" >&2
    exit 1
  fi
  sleep 0.1
done
# cmd/local makes the table; its own reconciler, which knows another fake, must not run beside the functions.
env -u IYZICO_BASE_URL AWS_ENDPOINT_URL_DYNAMODB="http://$host:$engine_port" AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \
  TABLE_NAME=iade "$data/local" -addr 127.0.0.1:0 -iyzico-addr 127.0.0.1:0 -data "$data/folder" >"$data/local.log" 2>&1 &
table=$!
started+=("$table")
until grep -q 'Ctrl-C stops it' "$data/local.log"; do
  if ! kill -0 "$table" 2>/dev/null; then
    cat "$data/local.log" >&2
    exit 1
  fi
  sleep 0.1
done
kill "$table"
wait "$table" || true
started=("$engine_process")
"$data/fake-iyzico" -addr "$host:$iyzico_port" &
started+=($!)
echo "Table iade is on http://$host:$engine_port; Ctrl-C ends both"
wait -n "${started[@]}" || true
tail -n 5 "$data/engine.log" >&2
exit 1
