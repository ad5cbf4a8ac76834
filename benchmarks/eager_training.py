#!/usr/bin/env python3
"""The quickstart's network and recipe as a plain eager PyTorch loop: what a user would write instead.

Same data, parameters, hyper-parameters, order of work and threads as configs/quickstart.toml; the
order of the samples and the initial values differ. Prints one JSON line.

    .venv/bin/python benchmarks/quickstart_python.py [--epochs N] [--batch-size N] [--threads N]
"""
import argparse
import gzip
import json
import math
import pathlib
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
    labels = read_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", 8).long()
    return images.float().div_(255).sub_(0.2860).div_(0.3530), labels


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
    def __init__(self, side=28, patch=4, dim=64, depth=4, classes=10):
        super().__init__()
        self.embedding = nn.Conv2d(1, dim, patch, patch)
        self.blocks = nn.Sequential(*[ParallelBlock((side // patch) ** 2, dim) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.head = nn.Linear(dim, classes)

    def forward(self, x):  # [B, H, W, 1]
        x = self.embedding(x.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)  # [B, N, C]
        return self.head(self.norm(self.blocks(x)).mean(1))


def optimizer_of(model, lr, decay):
    groups = {True: [], False: []}
    for name, parameter in model.named_parameters():
        groups[parameter.dim() > 1 and "norm" not in name].append(parameter)
    return torch.optim.AdamW(
        [{"params": groups[True], "weight_decay": decay}, {"params": groups[False], "weight_decay": 0.0}],
        lr=lr)


@torch.no_grad()
def accuracy(model, images, labels, batch_size=250):
    model.eval()
    right = sum((model(x).argmax(1) == y).sum().item()
                for x, y in zip(images.split(batch_size), labels.split(batch_size)))
    model.train()
    return right / len(labels)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--folder", default="/usr/share/datasets/fashion-mnist")
    arguments.add_argument("--epochs", type=int, default=7)
    arguments.add_argument("--batch-size", type=int, default=128)
    arguments.add_argument("--lr", type=float, default=4e-3)
    arguments.add_argument("--weight-decay", type=float, default=0.05)
    arguments.add_argument("--holdout", type=float, default=0.05)
    arguments.add_argument("--steps", type=int, default=0, help="stop after so many steps (timing)")
    arguments.add_argument("--threads", type=int, default=0)
    options = arguments.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1)

    images, labels = load(options.folder, "train")
    keep = torch.randperm(len(labels))[round(options.holdout * len(labels)):]
    images, labels = images[keep], labels[keep]
    test_images, test_labels = load(options.folder, "t10k")
    model = ParaMixer()
    optimizer = optimizer_of(model, options.lr, options.weight_decay)
    steps = options.epochs * math.ceil(len(labels) / options.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, options.lr, total_steps=steps, pct_start=0.3, cycle_momentum=False)

    begin = time.perf_counter()
    done = 0
    for _ in range(options.epochs):
        for batch in torch.randperm(len(labels)).split(options.batch_size):
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            if done == options.steps:
                break
        if done == options.steps:
            break
    seconds = time.perf_counter() - begin
    print(json.dumps({
        "torch": torch.__version__, "threads": torch.get_num_threads(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": done, "seconds": round(seconds, 2),
        "samples_per_second": round(done * options.batch_size / seconds),
        "test_accuracy": accuracy(model, test_images, test_labels)}))


if __name__ == "__main__":
    main()
