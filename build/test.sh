#!/usr/bin/env bash
# Runs every test whose tools are there and lists what was left out. With IADE_REQUIRE=all the tests themselves fail
# where they would skip.
set -uo pipefail
cd "$(dirname "$0")/.."
export IADE_HEAVY=1 # also what takes minutes, such as building the template for both architectures
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# make sam-local is a step of its own: it needs Docker.
go test -v -timeout 30m -skip '^TestSAMLocal$' "$@" ./... >"$log" 2>&1
code=$?
grep -E '^(ok|FAIL|panic:|---? FAIL|\?)|^\s+--- FAIL|\[no test files\]' "$log" | grep -v 'no test files'
if [ $code -ne 0 ]; then
  echo
  echo "What failed:"
  awk '/^=== (RUN|PAUSE|CONT)/{next} /--- FAIL|panic:|^FAIL|_test.go:[0-9]+:|build failed|\.go:[0-9]+:[0-9]+:/{print}' "$log" | head -200
fi
skipped=$(grep -cE '^\s*--- SKIP' "$log")
echo
if [ "$skipped" -gt 0 ]; then
  echo "Left out ($skipped):"
  grep -E -A1 '^\s*--- SKIP' "$log" | grep -vE '^--$' | sed 's/^/  /'
else
  echo "Nothing was left out."
fi
passed=$(grep -cE '^--- PASS' "$log")
failed=$(grep -cE '^--- FAIL' "$log")
echo "$passed passed, $failed failed, $skipped skipped"
exit $code
