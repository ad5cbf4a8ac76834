#!/usr/bin/env bash
# Makes the Python environment of `mixwright bench`'s peers, unless it is there, and says on its last
# line which Python it is. It lies in the user's cache, under a name made from what is in it: another
# list of packages is another environment, and none is ever changed.
#
#   MIXWRIGHT_TORCH_INDEX=URL    package index to take torch from
#   PYTHON=PROGRAM               the Python that the environment is made from
set -euo pipefail

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
requirements=$here/requirements.txt
sum=$(sha256sum <"$requirements")
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/mixwright
folder=$cache/peers-${sum:0:12}
python=$folder/bin/python

mkdir -p "$cache"
exec 9>"$folder.lock"
flock 9 # a second bench waits for the first one's environment

if [[ ! -e $folder/complete ]]; then
  base=
  for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      base=$candidate
      break
    fi
  done
  [[ -n $base ]] || fail "a Python of version 3.11 or later with the module venv is needed; name one with PYTHON=PROGRAM"
  "$base" -m venv --clear "$folder" || fail "$base -m venv $folder failed"
  pip() { "$python" -m pip --disable-pip-version-check install --quiet --no-deps "$@"; }
  if [[ -n ${MIXWRIGHT_TORCH_INDEX:-} ]]; then
    pip --index-url "$MIXWRIGHT_TORCH_INDEX" "$(grep '^torch==' "$requirements")" ||
      fail "pip could not install torch from MIXWRIGHT_TORCH_INDEX"
  fi
  pip --requirement "$requirements" ||
    fail "pip could not install $requirements; where the index has no CPU build of torch, name one that has with MIXWRIGHT_TORCH_INDEX=URL"
fi

# Asserted every time: it is what was asked for, and nothing has taken torch's place.
"$python" - "$requirements" <<'PYTHON' || fail "$folder is not as $requirements says; remove it and run this again"
import importlib.metadata
import sys

for line in open(sys.argv[1]):
    if "==" not in line or line.startswith("#"):
        continue
    name, wanted = line.strip().split("==")
    try:
        got = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        sys.exit(f"{name} {wanted} expected, there is none")
    if got != wanted:
        sys.exit(f"{name} {wanted} expected, {got} found")
PYTHON
touch "$folder/complete"
printf '%s\n' "$python"
