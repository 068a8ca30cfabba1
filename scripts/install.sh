#!/bin/sh
# Makes .venv from requirements.lock and installs handful into it, editable. Called by `make install`; safe to run again.
#   PYTHON=/path/to/python  chooses the interpreter
set -eu

cd "$(dirname "$0")/.."
venv=.venv

say() { printf '%s\n' "$*" >&2; }

# An interpreter that answers and that the lock file has packages for; a launcher on the path without a Python behind it
# does not count.
suits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1; }
can_make_environments() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_python() {
    too_bare=
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
        if suits "$candidate"; then
            if can_make_environments "$candidate"; then
                printf '%s\n' "$candidate"
                return 0
            fi
            too_bare=$candidate
        fi
    done
    if [ -n "$too_bare" ]; then
        say "$too_bare is the right Python but cannot make environments (its venv and ensurepip modules are missing)."
        say "On Debian and Ubuntu: apt-get install python3-venv. Then run make again."
    elif [ -n "${PYTHON:-}" ]; then
        say "PYTHON=$PYTHON is not Python 3.11 to 3.14: $("$PYTHON" --version 2>/dev/null || echo 'it does not run')"
    else
        say "handful needs Python 3.11 to 3.14; found: $(python3 --version 2>&1 || echo 'no python3')."
        say "Install one, or name it: make install PYTHON=/path/to/python3.12"
    fi
    return 1
}

# An environment whose interpreter has gone is made again.
if [ -e "$venv" ] && ! suits "$venv/bin/python"; then
    say "$venv does not run any more; making it again"
    rm -rf "$venv"
fi

if command -v uv >/dev/null 2>&1; then
    [ -d "$venv" ] || uv venv --quiet --python "${PYTHON:->=3.11,<3.15}" "$venv"
    uv pip install --quiet --python "$venv/bin/python" --no-deps --require-hashes -r requirements.lock
    uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
else
    if [ ! -d "$venv" ]; then
        python=$(find_python) || exit 1
        "$python" -m venv "$venv"
    fi
    # an environment made by uv, or one whose making was interrupted, has no pip
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip
    # --no-deps: the lock is complete, and some versions of pip look for a newer package where a dependency names an extra
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
fi
say "handful $("$venv/bin/python" -c 'import handful; print(handful.__version__)') is ready: $venv/bin/handful"
