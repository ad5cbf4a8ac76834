"""The other side of safetensors_interchange_test.cpp: the format's own Python package.

Usage: safetensors_interchange.py write FILE | check FILE AGAIN | accepts CASES VERDICTS
"""

import struct
import sys

# One entry: the package writes several in random order, and whole files are compared.
METADATA = {"note": 'line\nbreak "quoted" \u00e4'}
TYPES = ["bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
         "float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2"]


def tensors():
    import torch

    result = {}
    for name in TYPES:
        dtype = getattr(torch, name)
        result[f"{name}.matrix"] = torch.arange(6).to(dtype).reshape(2, 3)
        result[f"{name}.scalar"] = torch.ones(()).to(dtype)
        result[f"{name}.empty"] = torch.empty((0, 4), dtype=dtype)
    result['odd "name"\n\u20ac'] = torch.tensor([float("nan"), float("inf"), -0.0])
    return result


def write(path):
    from safetensors.torch import save_file

    save_file(tensors(), path, METADATA)


def check(path, again):
    """Compares a file that was written in C++ with ours, and writes the same content once more."""
    import torch
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    ours, theirs = tensors(), load_file(path)
    assert sorted(ours) == sorted(theirs), sorted(set(ours) ^ set(theirs))
    for name, tensor in ours.items():
        other = theirs[name]
        assert tensor.dtype == other.dtype and tensor.shape == other.shape, name
        if tensor.numel() > 0:
            same = tensor.reshape(-1).view(torch.uint8).equal(other.reshape(-1).view(torch.uint8))
            assert same, name
    with safe_open(path, "pt") as file:
        assert file.metadata() == METADATA, file.metadata()
    save_file(theirs, again, METADATA)


def accepts(cases, verdicts):
    """One byte for each file in `cases` (length, bytes): 1 where the package takes it."""
    from safetensors import deserialize

    with open(cases, "rb") as source, open(verdicts, "wb") as out:
        while size := source.read(8):
            try:
                deserialize(source.read(struct.unpack("<Q", size)[0]))
                out.write(b"1")
            except Exception:
                out.write(b"0")


if __name__ == "__main__":
    {"write": write, "check": check, "accepts": accepts}[sys.argv[1]](*sys.argv[2:])
