#!/usr/bin/env bash
# Holds openapi.yaml against the tools that read it: build/clients.sh lint, with Redocly CLI and Spectral, which must find nothing;
# build/clients.sh generate FOLDER, which writes clients with openapi-generator (php, typescript-fetch, java, python),
# @hey-api/openapi-ts and openapi-typescript into FOLDER and compiles them with the programs beside the tests that use them.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD tools=$PWD/.tools/clients
for tool in node/node_modules/.bin/redocly java/openapi-generator-cli-7.17.0.jar python/pydantic; do
  if [ ! -e "$tools/$tool" ]; then
    echo "$tool is not in .tools/clients: run make tools" >&2
    exit 2
  fi
done
export PATH=$tools/node/node_modules/.bin:$PATH
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true

lint() {
  local found
  found=$(redocly lint openapi.yaml --extends recommended --format json 2>/dev/null)
  if ! grep -q '"problems": *\[\]' <<<"$found"; then
    echo "$found" >&2
    return 1
  fi
  spectral lint openapi.yaml --ruleset build/clients/spectral.yaml --fail-severity hint
}

generate() {
  local folder=$1 language
  mkdir -p "$folder"
  for language in php typescript-fetch java python; do
    {
      echo "generatorName: $language"
      echo "inputSpec: $root/openapi.yaml"
      echo "outputDir: $folder/$language"
      if [ "$language" = java ]; then echo "library: native"; fi
    } >"$folder/$language.yaml"
  done
  java -Xmx1g -jar "$tools/java/openapi-generator-cli-7.17.0.jar" batch --threads 2 --fail-fast \
    "$folder"/{php,typescript-fetch,java,python}.yaml >"$folder/generator.log" 2>&1 || { tail -50 "$folder/generator.log" >&2; return 1; }
  openapi-ts -i openapi.yaml -o "$folder/hey-api" --no-log-file --silent
  openapi-typescript openapi.yaml -o "$folder/openapi-typescript/schema.d.ts" >/dev/null

  find "$folder/php" -name '*.php' -print0 | xargs -0 -n 40 -P 2 sh -c 'for f; do php -l "$f" >/dev/null || exit 255; done' sh
  python3 -m compileall -q "$folder/python/openapi_client"
  find "$folder/java/src/main" -name '*.java' >"$folder/java/sources"
  local jars
  jars=$(find "$tools/java" -name '*.jar' ! -name 'openapi-generator-cli-*' -printf '%p:')
  javac -nowarn -proc:none -Xlint:none -cp "$jars" -d "$folder/java/classes" "@$folder/java/sources" 2>"$folder/javac.log" ||
    { head -50 "$folder/javac.log" >&2; return 1; }
  cp internal/test/api/testdata/clients/* "$folder"
  # What the generators write is compiled as they write it; the programs and the types that they use, strictly.
  cat >"$folder/tsconfig.json" <<JSON
{"compilerOptions": {"target": "ES2022", "module": "CommonJS", "moduleResolution": "Node10", "strict": true, "outDir": "js",
  "lib": ["ES2022", "DOM", "DOM.Iterable"], "types": ["node"], "typeRoots": ["$tools/node/node_modules/@types"]},
 "include": ["*.ts", "typescript-fetch", "hey-api", "openapi-typescript"]}
JSON
  tsc -p "$folder"
}

case ${1:-} in
lint) lint ;;
generate) generate "${2:?the folder is missing}" ;;
*)
  echo "build/clients.sh lint | generate FOLDER" >&2
  exit 2
  ;;
esac
