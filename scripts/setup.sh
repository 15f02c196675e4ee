#!/bin/sh
# Makes .venv hold exactly the locked packages of the given file, and the project itself,
# editable. uv does it in seconds; where uv cannot, the pip that every Python brings does.
set -eu
cd "$(dirname "$0")/.."
lock=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "TradePulse needs Python 3.11 or newer; $python is $("$python" -V 2>&1)" >&2
    exit 1
}

if [ ! -x .venv/bin/python ]; then
    echo "==> creating .venv" >&2
    "$python" -m venv .venv
fi
if [ ! -x .venv/bin/uv ]; then
    .venv/bin/pip install --quiet --require-hashes -r requirements-tools.lock ||
        echo "==> no uv for this machine: pip takes its place" >&2
fi

install() {
    if [ -x .venv/bin/uv ] && .venv/bin/uv pip install --quiet --python .venv/bin/python "$@"; then
        return
    fi
    .venv/bin/pip install --quiet "$@"
}

echo "==> installing $lock" >&2
install --require-hashes -r "$lock"
install --no-deps --no-build-isolation -e .
