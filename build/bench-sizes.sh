#!/usr/bin/env bash
# Prints the size of every function's bootstrap and of its zip, built as deployed (x86-64 and arm64), beside the baseline
# that BenchmarkColdStart measures against.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
printf '%-18s %12s %12s %12s\n' function x86-64 gzip arm64
for folder in functions/*/main.go internal/test/lambda/testdata/baseline/main.go; do
  folder=${folder%/main.go}
  for arch in amd64 arm64; do
    CGO_ENABLED=0 GOOS=linux GOARCH=$arch go build -trimpath -tags lambda.norpc -ldflags '-s -w' -o "$dir/$arch" "./$folder"
  done
  printf '%-18s %12d %12d %12d\n' "${folder##*/}" "$(wc -c <"$dir/amd64")" "$(gzip -9 -c "$dir/amd64" | wc -c)" "$(wc -c <"$dir/arm64")"
done
