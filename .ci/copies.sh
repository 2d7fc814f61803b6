# Functions of the scripts in this folder, which set `root`, the repository, and `work`, a folder for their copies of it.
# shellcheck shell=bash
set -euo pipefail
: "${root:?}" "${work:?}"

step() { printf '\n=== %s (%d s)\n' "$*" "$SECONDS"; }

fresh_copy() { # tracked and new files of the working tree, nothing that was built in it
    mkdir "$work/$1"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' path; do
        if [ -e "$path" ]; then printf '%s\0' "$path"; fi
    done | tar -cf - --null -T -) | tar -xf - -C "$work/$1"
}

special_build() { # a copy with an environment of its own for the extra $2, built as the variable $1 tells setup.py; what there is stays
    rm -rf "$work/before"
    if [ -d "$work/tree" ]; then mv "$work/tree" "$work/before"; fi
    mkdir -p "$work"
    fresh_copy tree
    if [ -d "$work/before/build" ]; then mv "$work/before/build" "$work/tree/build"; fi # C files that are up to date
    rm -rf "$work/before"
    if [ ! -x "$work/venv/bin/python" ]; then python3 -m venv "$work/venv"; fi
    cd "$work/tree"
    env "$1=1" "$work/venv/bin/python" -m pip install -q -c constraints.txt -e ".[${2:-test}]"
}
