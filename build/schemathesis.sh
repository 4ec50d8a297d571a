#!/usr/bin/env bash
# Fuzzes the API of the whole system on this machine with schemathesis, from openapi.yaml alone, and holds every answer to it:
# build/schemathesis.sh [seconds [seed]]. Fails on any finding, and on an error in the system's log.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-75} seed=${2:-1}
st=.tools/schemathesis/bin/schemathesis
if [ ! -x "$st" ]; then
  echo "schemathesis is not in .tools: run make tools" >&2
  exit 2
fi
folder=$(mktemp -d)
pid=
finish() {
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap finish EXIT
go build -o "$folder/local" ./cmd/local
(
  cd "$folder"
  exec env RATE_LIMIT_PER_MINUTE=100000 RETURN_URL_ORIGINS=https://shop.example LOG_LEVEL=error \
    ./local -addr 127.0.0.1:0 -iyzico-addr 127.0.0.1:0 -data "$folder/data"
) >"$folder/log" 2>&1 &
pid=$!
for _ in $(seq 100); do
  api=$(sed -n 's/^iade  *\(http[^ ]*\).*/\1/p' "$folder/log")
  iyzico=$(sed -n 's/^fake iyzico  *\(http[^ ]*\).*/\1/p' "$folder/log")
  [ -n "$iyzico" ] && break
  sleep 0.1
done
if [ -z "$api" ] || [ -z "$iyzico" ]; then
  cat "$folder/log" >&2
  exit 1
fi
# Some answers get lost and some requests are refused, so that every kind of answer is seen.
for fault in '"mode":"reset-after","times":4' '"mode":"refuse","errorCode":"10051","times":4' '"mode":"bad-signature","times":2' \
  '"mode":"refuse","errorCode":"1001","times":2' '"mode":"html-502","times":2'; do
  .tools/schemathesis/bin/python -c '
import sys, urllib.request
urllib.request.urlopen(urllib.request.Request(sys.argv[1], sys.argv[2].encode(), {"Content-Type": "application/json"}))
' "$iyzico/_fake/faults" "{\"path\":\"*\",$fault}"
done
"$st" --config-file build/schemathesis.toml run openapi.yaml --url "$api" --seed "$seed" --max-time "$seconds" --workers 2 --continue-on-failure
if grep -aE 'ERROR|panic' "$folder/log"; then
  echo "the system logged errors" >&2
  exit 1
fi
