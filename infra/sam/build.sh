#!/usr/bin/env bash
# sam build, for this machine's architecture or the one that is named, and then: does every handler import with nothing but Python 3.13, boto3 and
# what the artefact carries? A package that is missing from requirements.txt is noticed here, not in production.
set -euo pipefail
cd "$(dirname "$0")/../.."

# A pyenv shim is on PATH whether or not its version is active: take the first candidate that runs.
python=
for candidate in python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13; do
  if "$candidate" -c '' 2>/dev/null; then python=$(command -v "$candidate"); break; fi
done
[ -n "$python" ] || { echo "Python 3.13, the functions' runtime, is not installed"; exit 1; }
host=$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x86_64)
architecture=${1:-$host}

PATH="$(dirname "$python"):$PATH" SAM_CLI_TELEMETRY=0 .sam/bin/sam build --cached --parallel \
  --parameter-overrides "Architecture=$architecture"

[ "$architecture" = "$host" ] || { echo "built for $architecture: this machine cannot import it"; exit 0; }

[ -e .sam/boto3/.ready ] || {
  boto3=$(sed -n 's/^boto3==\([^ ]*\).*/\1/p' infra/local/requirements.txt)
  "$python" -m pip install --quiet --disable-pip-version-check --target .sam/boto3 "boto3==$boto3"
  touch .sam/boto3/.ready
}

for function in api ingest compress tally finalize notify recover; do
  artefact=.aws-sam/build/${function^}Function
  "$python" -I -c '
import importlib, sys
artefact, function = sys.argv[1:]
sys.path[:0] = [artefact, ".sam/boto3"]  # what is in the zip goes before what the runtime brings
handler = importlib.import_module(f"functions.{function}.handler")
assert callable(handler.lambda_handler)
print(f"{function}: imports from {artefact}")
' "$artefact" "$function"
done

"$python" -I infra/sam/try_codec.py .aws-sam/build/CompressFunction

for artefact in .aws-sam/build/*Function; do
  size=$(du -sm "$artefact" | cut -f1)
  [ "$size" -le 120 ] || { echo "$artefact has $size MB unzipped: 120 are the budget, 250 what Lambda takes"; exit 1; }
done
