#!/usr/bin/env bash
# loss_curve.sh SOURCE BUILD OPTIMIZER: runs loss_curve.py with the project's Python.
python=$1/.venv/bin/python
if ! "$python" -c 'import torch, safetensors' 2>/dev/null; then
  echo "NOT COMPARED with PyTorch: $python with the packages torch and safetensors is needed"
  exit 77
fi
exec "$python" "$1/tests/parity/loss_curve.py" "$2/bin/mixwright" "$3"
