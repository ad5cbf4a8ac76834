#!/usr/bin/env bash
# timm_weights.sh SOURCE BUILD: runs timm_weights.py with the project's Python and with timm, which
# is installed once into BUILD/timm (or lies in $MIXWRIGHT_TIMM).
python=$1/.venv/bin/python
site=${MIXWRIGHT_TIMM:-$2/timm}
skip() {
  echo "NOT COMPARED with timm: $1"
  exit 77
}
"$python" -c 'import torch, safetensors' 2>/dev/null ||
  skip "$python with the packages torch and safetensors is needed"
if [[ ! -d $site/timm ]]; then
  rm -rf "$site.part"
  "$python" -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 20 --no-deps \
    --target "$site.part" --requirement "$1/tests/parity/timm_packages.txt" ||
    skip "the packages of tests/parity/timm_packages.txt cannot be installed here"
  mv -T "$site.part" "$site" 2>/dev/null || rm -rf "$site.part"
fi
# One thread: on a busy machine several wait for each other.
export OMP_NUM_THREADS=1 PYTHONPATH=$site
exec "$python" "$1/tests/parity/timm_weights.py" "$2/bin/mixwright" "$1" "${@:3}"
