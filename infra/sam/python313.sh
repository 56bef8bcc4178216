#!/usr/bin/env bash
# Prints where Python 3.13 is, the functions' runtime.
# A pyenv shim is on PATH whether or not its version is active: take the first candidate that runs.
for candidate in python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13; do
  if "$candidate" -c '' 2>/dev/null; then exec "$candidate" -c 'import sys; print(sys.executable)'; fi
done
echo "Python 3.13, the functions' runtime, is not installed: install it, by pyenv for example" >&2
exit 1
