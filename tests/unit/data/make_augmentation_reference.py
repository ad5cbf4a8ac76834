#!/usr/bin/env python3
"""Writes augmentation_reference.safetensors: what torchvision and timm make of given draws.

Run once by hand; the tests only read the file. Both packages ask pip for a CUDA build of torch, so
they go without their dependencies into an environment of their own that borrows the project's torch:

    python3 -m venv /tmp/reference
    realpath .venv/lib/python3*/site-packages > /tmp/reference/lib/python3.11/site-packages/own.pth
    /tmp/reference/bin/pip install --no-deps torchvision==0.28.0 timm==1.0.31 pillow
    /tmp/reference/bin/python tests/unit/data/make_augmentation_reference.py
"""

import importlib.util
import pathlib
import sys
from unittest import mock

import numpy
import torch
from safetensors.torch import save_file

# torchvision's CUDA build cannot load its own operators beside the CPU's torch, and its import asks
# for their names.
OPERATORS = torch.library.Library("torchvision", "DEF")
for operator in ("nms qnms roi_align qroi_align ps_roi_align roi_pool ps_roi_pool deform_conv2d "
                 "_roi_align_backward _ps_roi_align_backward _roi_pool_backward "
                 "_ps_roi_pool_backward _deform_conv2d_backward").split():
    OPERATORS.define(f"{operator}(Tensor x) -> Tensor")

from torchvision.transforms import InterpolationMode, v2  # noqa: E402

NAMES = {"Identity": "identity", "ShearX": "shear_x", "ShearY": "shear_y",
         "TranslateX": "translate_x", "TranslateY": "translate_y", "Rotate": "rotate",
         "Brightness": "brightness", "Color": "color", "Contrast": "contrast",
         "Sharpness": "sharpness", "Posterize": "posterize", "Solarize": "solarize",
         "AutoContrast": "autocontrast", "Equalize": "equalize"}
BINS = 31
LEVELS = (0, 9, 23)


def timm_module(name):
    """One file of timm: the package as a whole wants more packages."""
    folder = next(p for p in map(pathlib.Path, sys.path) if (p / "timm").is_dir())
    spec = importlib.util.spec_from_file_location(name, folder / "timm" / "data" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def channels_last(pictures):
    return pictures.movedim(-3, -1).contiguous()


def mixing(out):
    """timm's Mixup for a batch, its draws replaced by ours."""
    timm = timm_module("mixup")
    batch = torch.randn(5, 3, 7, 8)
    out["mixing/inputs"] = channels_last(batch)
    mixup = timm.Mixup(mixup_alpha=1.0)
    lambdas = [0.0, 0.125, 0.3, 0.77, 1.0]
    mixed = []
    for value in lambdas:
        mixup._params_per_batch = lambda value=value: (value, False)
        copy = batch.clone()
        mixup._mix_batch(copy)
        mixed.append(channels_last(copy))
    out["mixup/lambda"] = torch.tensor(lambdas, dtype=torch.float64)
    out["mixup/outputs"] = torch.stack(mixed)

    draws = [(0.9, 4, 6), (0.5, 0, 0), (0.5, 6, 7), (0.2, 3, 6), (0.02, 4, 5), (0.99, 2, 2)]
    mixed, shares = [], []
    for value, row, column in draws:
        mixup._params_per_batch = lambda value=value: (value, True)
        copy = batch.clone()
        with mock.patch.object(numpy.random, "randint", side_effect=[row, column]):
            shares.append(mixup._mix_batch(copy))
        mixed.append(channels_last(copy))
    out["cutmix/draws"] = torch.tensor(draws, dtype=torch.float64)
    out["cutmix/lambda"] = torch.tensor([float(s) for s in shares], dtype=torch.float64)
    out["cutmix/outputs"] = torch.stack(mixed)


def erasing(out):
    """timm's RandomErasing: rectangles of given draws; one row of draws, one of results."""
    timm = timm_module("random_erasing")
    height, width = 14, 11
    draws, rectangles = [], []
    for share in torch.linspace(0.02, 1 / 3, 9).tolist():
        for log_aspect in torch.linspace(-1.2039, 1.2039, 7).tolist():
            erase = timm.RandomErasing(1.0, device="cpu")
            picture = torch.ones(1, height, width)
            # A rectangle that fits ends the tries; one that does not is drawn ten times.
            uniform = mock.patch.object(timm.random, "uniform", side_effect=[share, log_aspect] * 10)
            corner = mock.patch.object(timm.random, "randint", side_effect=[1, 0])
            with uniform, corner:
                erase(picture)
            erased = (picture[0] == 0).nonzero()
            size = (erased.max(0).values - erased.min(0).values + 1).tolist() if len(erased) else [0, 0]
            draws.append((share, log_aspect))
            rectangles.append(size)
    out["erasing/picture"] = torch.tensor([height, width])
    out["erasing/draws"] = torch.tensor(draws, dtype=torch.float64)
    out["erasing/rectangles"] = torch.tensor(rectangles)


def pictures():
    """[C, H, W] bytes: colour, grey, few levels, one level, too small to be sharpened."""
    def smooth(channels, height, width):
        coarse = torch.rand(1, channels, 4, 4)
        fine = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic")[0]
        noisy = fine * 300 - 20 + 12 * torch.randn(channels, height, width)
        return noisy.clamp(0, 255).to(torch.uint8)
    return {"color": smooth(3, 14, 17), "grey": smooth(1, 19, 13),
            "dull": (smooth(3, 12, 12) // 10 + 90), "flat": torch.full((3, 8, 8), 77, dtype=torch.uint8),
            "tiny": smooth(3, 2, 5)}


def operations(out):
    augment = v2.RandAugment()
    spaces = {"rand_augment": v2.RandAugment._AUGMENTATION_SPACE,
              "trivial_augment": v2.TrivialAugmentWide._AUGMENTATION_SPACE}
    height, width = 41, 67
    for space_name, space in spaces.items():
        assert list(space) == list(NAMES)
        for name, (table, _) in space.items():
            values = table(BINS, height, width)
            if values is None:
                continue
            out[f"table/{space_name}/{NAMES[name]}"] = torch.tensor([float(v) for v in values],
                                                                    dtype=torch.float64)
    out["table/size"] = torch.tensor([height, width])

    def apply(picture, name, magnitude, fill, how=InterpolationMode.NEAREST):
        return channels_last(augment._apply_image_or_video_transform(
            picture, name, magnitude, how, {"others": fill}))

    samples = pictures()
    # Shears whose places fall halfway between two: the last bit of a coordinate decides.
    for name in ("ShearX", "ShearY"):
        values = spaces["rand_augment"][name][0](BINS, 1, 1)
        magnitudes = [sign * float(values[level]) for level in (4, 20) for sign in (1, -1)]
        out[f"halfway/{NAMES[name]}/magnitudes"] = torch.tensor(magnitudes, dtype=torch.float64)
        out[f"halfway/{NAMES[name]}/outputs"] = torch.stack(
            [apply(samples["color"], name, m, None) for m in magnitudes])

    for picture_name, picture in samples.items():
        out[f"picture/{picture_name}"] = channels_last(picture)
        for name, (table, signed) in spaces["rand_augment"].items():
            values = table(BINS, *picture.shape[1:])
            magnitudes = [0.0] if values is None else [float(values[i]) for i in LEVELS]
            magnitudes += [-m for m in magnitudes if signed and m != 0]
            key = f"{NAMES[name]}/{picture_name}"
            out[f"magnitudes/{key}"] = torch.tensor(magnitudes, dtype=torch.float64)
            out[f"outputs/{key}"] = torch.stack([apply(picture, name, m, None) for m in magnitudes])
            if picture_name == "color" and name in ("ShearX", "ShearY", "TranslateX", "TranslateY",
                                                    "Rotate"):
                out[f"filled/{key}"] = torch.stack([apply(picture, name, m, [99.0]) for m in magnitudes])
                out[f"bilinear/{key}"] = torch.stack(
                    [apply(picture, name, m, None, InterpolationMode.BILINEAR) for m in magnitudes])


def main():
    torch.manual_seed(1)
    out = {}
    mixing(out)
    erasing(out)
    operations(out)
    file = pathlib.Path(__file__).with_name("augmentation_reference.safetensors")
    save_file({k: v.contiguous().clone() for k, v in out.items()}, file)
    print(f"{file}: {len(out)} tensors, {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
