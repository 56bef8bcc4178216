#!/usr/bin/env bash
# sam build, for this machine's architecture or the one that is named, and then: does every handler import with nothing but Python 3.13, boto3 and
# what the artefact carries? A package that is missing from requirements.txt is noticed here, not in production.
set -euo pipefail
cd "$(dirname "$0")/../.."

python=$(infra/sam/python313.sh)
host=$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x86_64)
architecture=${1:-$host}
folder=${2:-.aws-sam} # another one keeps what is there

PATH="$(dirname "$python"):$PATH" SAM_CLI_TELEMETRY=0 .sam/bin/sam build --cached --parallel \
  --build-dir "$folder/build" --cache-dir "$folder/cache" --parameter-overrides "Architecture=$architecture"

for artefact in "$folder"/build/*Function; do
  size=$(du -sm "$artefact" | cut -f1)
  [ "$size" -le 120 ] || { echo "$artefact has $size MB unzipped: 120 are the budget, 250 what Lambda takes"; exit 1; }
done

[ "$architecture" = "$host" ] || { echo "built for $architecture: this machine cannot import it"; exit 0; }

# -B: what an import compiled would be packed with the rest, and no two builds would be the same
for function in api ingest compress tally finalize notify recover; do
  artefact=$folder/build/${function^}Function
  "$python" -IB -c '
import importlib, sys
artefact, function = sys.argv[1:]
sys.path[:0] = [artefact, ".runtime/site"]  # what is in the zip goes before what the runtime brings
handler = importlib.import_module(f"functions.{function}.handler")
assert callable(handler.lambda_handler)
print(f"{function}: imports from {artefact}")
' "$artefact" "$function"
done

"$python" -IB infra/sam/try_codec.py "$folder"/build/CompressFunction
