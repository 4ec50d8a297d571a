#!/usr/bin/env bash
# Builds the programs for people's machines into a folder (dist): iade-local (cmd/local) and iade (cmd/iade), one archive for
# each platform, and their checksums. The same commit gives the same programs. VERSION names it, PLATFORMS chooses.
# Usage: build/dist.sh [folder]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-dist}
version=${VERSION:-$(git describe --tags --always --dirty)}
mkdir -p "$out"
rm -f "$out"/iade_*.tar.gz "$out/SHA256SUMS"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for platform in ${PLATFORMS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}; do
  os=${platform%/*} arch=${platform#*/} suffix=
  if [ "$os" = windows ]; then suffix=.exe; fi
  name=iade_${version}_${os}_$arch
  mkdir "$work/$name"
  cp LICENSE "$work/$name/"
  for program in iade-local=./cmd/local iade=./cmd/iade; do
    GOOS=$os GOARCH=$arch CGO_ENABLED=0 go build -trimpath -ldflags=-s -o "$work/$name/${program%=*}$suffix" "${program#*=}"
  done
  # Names and times alone must not make another archive.
  tar -C "$work" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -n >"$out/$name.tar.gz"
  rm -rf "${work:?}/$name"
  echo "$out/$name.tar.gz"
done
(cd "$out" && sha256sum iade_*.tar.gz >SHA256SUMS)
echo "$out/SHA256SUMS"
