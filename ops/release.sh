#!/usr/bin/env bash
# Makes a release of what is checked out: the heading of CHANGELOG.md, a commit and a tag, from which functions, /health and the
# stack's tag take their version. Nothing is pushed or deployed. Usage: ops/release.sh 1.4.0
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1-}
stop() {
  echo "$1: nothing was released" >&2
  exit 2
}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || stop "a version is three numbers, as in make release VERSION=1.4.0"
[ -z "$(git status --porcelain)" ] || stop "there are changes that are not committed"
! git rev-parse -q --verify "refs/tags/v$version" >/dev/null || stop "v$version is there already"
grep -q '^## \[Unreleased\]$' CHANGELOG.md || stop "CHANGELOG.md has no heading ## [Unreleased]"
sed "s/^## \[Unreleased\]$/## [Unreleased]\n\n## [$version] - $(date -u +%F)/" CHANGELOG.md >CHANGELOG.new
mv CHANGELOG.new CHANGELOG.md
git commit -q -m "Release $version" CHANGELOG.md
git tag -a "v$version" -m "Release $version"
echo "v$version is tagged. Then: git push --follow-tags, and make deploy ENVIRONMENT=prod"
