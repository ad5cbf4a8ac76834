#!/usr/bin/env python3
"""Two of our networks trained by a plain eager PyTorch loop: what a user would write instead.

    paramixer      configs/quickstart.toml
    convolutional  configs/accuracy/fashion_mnist.toml, without its augmentation

Same data, parameters, hyper-parameters, order of work and threads as the config; the order of the
samples and the initial values differ. Prints one JSON line. benchmarks/training.py runs both sides.

    .venv/bin/python benchmarks/eager_training.py --network paramixer --steps 100
"""
import argparse
import gzip
import json
import math
import pathlib
import resource
import time

import torch
from torch import nn
from torch.nn import functional as F


def read_idx(path, header):
    with gzip.open(path) as file:
        return torch.frombuffer(bytearray(file.read()[header:]), dtype=torch.uint8)


def load(folder, prefix):
    folder = pathlib.Path(folder)
    images = read_idx(folder / f"{prefix}-images-idx3-ubyte.gz", 16).view(-1, 28, 28, 1)
    return images, read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", 8).long()


def normalised(images):
    return images.float().div_(255).sub_(0.2860).div_(0.3530)


class Mlp(nn.Module):
    def __init__(self, width, hidden, bias):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden, bias=bias)
        self.fc2 = nn.Linear(hidden, width, bias=bias)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class ParallelBlock(nn.Module):
    """x + token_mixer(norm(x)) + channel_mixer(norm(x)), one norm over tokens and channels."""

    def __init__(self, tokens, dim):
        super().__init__()
        self.norm = nn.LayerNorm((tokens, dim), eps=1e-6)
        self.token_mixer = Mlp(tokens, dim // 2, bias=False)
        self.channel_mixer = Mlp(dim, 4 * dim, bias=False)

    def forward(self, x):  # [B, N, C]
        y = self.norm(x)
        return x + self.token_mixer(y.transpose(1, 2)).transpose(1, 2) + self.channel_mixer(y)


class ParaMixer(nn.Module):
    epochs, lr, warmup, smoothing = 7, 4e-3, 0.3, 0.0

    def __init__(self, side=28, patch=4, dim=64, depth=4, classes=10):
        super().__init__()
        self.embedding = nn.Conv2d(1, dim, patch, patch)
        self.blocks = nn.Sequential(*[ParallelBlock((side // patch) ** 2, dim) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):  # [B, H, W, 1]
        x = self.embedding(x.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)  # [B, N, C]
        return self.head(self.norm(self.blocks(x)).mean(1))


def convolution(inputs, outputs, kernel, stride=1, groups=1):
    layer = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.GELU())


class Residual(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = layers

    def forward(self, x):
        return x + self.layers(x)


class Convolutional(nn.Module):
    epochs, lr, warmup, smoothing = 12, 6e-3, 0.25, 0.1

    def __init__(self, stem=((64, 2), (64, 1), (160, 2), (160, 1)), depth=4, classes=10):
        super().__init__()
        layers, dim = [], 1
        for outputs, stride in stem:
            layers.append(convolution(dim, outputs, 3, stride))
            dim = outputs
        for _ in range(depth):
            layers += [Residual(convolution(dim, dim, 5, groups=dim)), Residual(convolution(dim, dim, 1))]
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(dim, classes)
        self.to(memory_format=torch.channels_last)

    def forward(self, x):  # [B, H, W, 1], which is channels last as [B, 1, H, W]
        return self.head(self.layers(x.permute(0, 3, 1, 2)).mean((2, 3)))


NETWORKS = {"paramixer": ParaMixer, "convolutional": Convolutional}


def optimizer_of(model, lr, decay):
    groups = {True: [], False: []}
    for parameter in model.parameters():
        groups[parameter.dim() > 1].append(parameter)
    return torch.optim.AdamW(
        [{"params": groups[True], "weight_decay": decay}, {"params": groups[False], "weight_decay": 0.0}],
        lr=lr, fused=True)


@torch.no_grad()
def accuracy(model, images, labels, batch_size=250):
    model.eval()
    right = sum((model(normalised(x)).argmax(1) == y).sum().item()
                for x, y in zip(images.split(batch_size), labels.split(batch_size)))
    model.train()
    return right / len(labels)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--network", choices=NETWORKS, default="paramixer")
    arguments.add_argument("--folder", default="/usr/share/datasets/fashion-mnist")
    arguments.add_argument("--steps", type=int, default=0, help="stop after so many; 0: train to the end")
    arguments.add_argument("--threads", type=int, default=0)
    arguments.add_argument("--bfloat16", action="store_true", help="autocast of products and convolutions")
    options = arguments.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1)

    batch_size = 128
    images, labels = load(options.folder, "train")
    keep = torch.randperm(len(labels))[round(0.05 * len(labels)):]
    images, labels = images[keep], labels[keep]
    model = NETWORKS[options.network]()
    optimizer = optimizer_of(model, model.lr, 0.05)
    steps = model.epochs * math.ceil(len(labels) / batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, model.lr, total_steps=steps, pct_start=model.warmup, cycle_momentum=False)

    def step(batch):
        with torch.autocast("cpu", torch.bfloat16, enabled=options.bfloat16):
            output = model(normalised(images[batch]))
        loss = F.cross_entropy(output.float(), labels[batch], label_smoothing=model.smoothing)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()

    batches = [batch for _ in range(model.epochs) for batch in torch.randperm(len(labels)).split(batch_size)]
    batches = batches[:options.steps or None]
    begin = time.perf_counter()
    for batch in batches:
        step(batch)
    seconds = time.perf_counter() - begin
    result = {
        "torch": torch.__version__, "threads": torch.get_num_threads(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": len(batches), "seconds": seconds,
        "samples_per_second": sum(len(batch) for batch in batches) / seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    if not options.steps:
        result["test_accuracy"] = accuracy(model, *load(options.folder, "t10k"))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
