#!/usr/bin/env bash
# perceiver_io.sh SOURCE: makes the committed cases again with transformers' own code and compares.
# MIXWRIGHT_TRANSFORMERS names the folder that transformers was installed into; see perceiver_io.py.
python=$1/.venv/bin/python
export PYTHONPATH=${MIXWRIGHT_TRANSFORMERS:-}
if ! "$python" -c 'import safetensors, torch, transformers; assert transformers.__version__ == "4.57.3"' 2>/dev/null; then
  echo "NOT COMPARED with transformers: MIXWRIGHT_TRANSFORMERS must name a folder with transformers 4.57.3;" \
    "the committed cases of perceiver_io stand for it"
  exit 77
fi
exec "$python" "$1/tests/golden/perceiver_io.py" compare "$1/tests/golden/data/perceiver_io"
