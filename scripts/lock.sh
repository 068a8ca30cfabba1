#!/bin/sh
# Writes requirements.lock from pyproject.toml: one file for every system and Python version, with hashes, naming no index.
#   scripts/lock.sh --upgrade     takes the newest versions instead of keeping the locked ones
set -eu

cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .venv/bin/uv)
[ -x "$uv" ] || { echo "make lock needs uv: .venv/bin/python -m pip install uv" >&2; exit 1; }

# fewest: one version of numpy and scipy for all Pythons, so that committed results are the same digits for everyone.
"$uv" pip compile pyproject.toml --extra dev --universal --python-version 3.11 --fork-strategy fewest \
    --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
    --quiet --output-file requirements.lock "$@" >/dev/null
