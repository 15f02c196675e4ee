#!/bin/sh
# Writes the three lock files from pyproject.toml: versions and hashes only, never where they
# were fetched from, so that they install from any index by plain pip or by uv.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}

compile() {
    output=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --custom-compile-command "make lock" --output-file "$output" "$@"
}

# uv pinned and hashed, so that set-up can fetch it with the pip every Python brings.
printf 'uv\n' | compile requirements-tools.lock -
compile requirements.lock pyproject.toml --extra postgres --group build
# The development set is a superset with the same pins.
compile requirements-dev.lock pyproject.toml --extra postgres --group dev \
    --constraint requirements.lock
