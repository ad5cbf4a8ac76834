"""Trains one small ParaMixer here and in PyTorch and compares the losses of 50 steps.

Same initial weights, data, order of the samples, recipe: groups of weight decay and of learning
rate, clipping, accumulation of two batches, label smoothing, a cosine schedule with warm-up, and a
last batch of an epoch that is smaller than the others.

    loss_curve.py PROGRAM adamw|sgd|lamb
"""
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

STEPS, SAMPLES, BATCH, ACCUMULATE, SEED = 50, 200, 16, 2, 5
SIDE, CLASSES, DIM, DEPTH = 8, 3, 16, 2
EPOCHS = 8  # 13 batches, 7 steps each: the run stops in the last one
RECIPES = {
    "adamw": dict(lr=1e-2, weight_decay=0.1),
    "sgd": dict(lr=1e-1, weight_decay=1e-2, momentum=0.9),
    "lamb": dict(lr=2e-2, weight_decay=0.1),
}
CLIP, SMOOTHING, WARMUP, START, END, HEAD_FACTOR = 1.0, 0.1, 0.1, 0.04, 1e-3, 0.5
TOLERANCE = 1e-5


def write_idx(path, values):
    sizes = values.shape
    path.write_bytes(struct.pack(f">BBBB{len(sizes)}I", 0, 0, 8, len(sizes), *sizes)
                     + values.to(torch.uint8).numpy().tobytes())


def make_data(folder):
    torch.manual_seed(0)
    labels = torch.randint(CLASSES, (SAMPLES,))
    images = torch.randint(120, (SAMPLES, SIDE, SIDE))
    for image, label in zip(images, labels):
        place = torch.randint(1, SIDE - 1, ()).item()
        image[[place, slice(None), range(SIDE)][label], [slice(None), place, range(SIDE)][label]] += 100
    for split in "train", "test":
        write_idx(folder / f"{split}-images", images)
        write_idx(folder / f"{split}-labels", labels)
    return images.float() / 255, labels


def config(folder, recipe, name):
    optimizer = ", ".join(f"{key} = {value}" for key, value in recipe.items())
    return f"""format = 1
name = "parity"
seed = {SEED}
[data]
type = "idx"
folder = "{folder}"
train = {{ images = "train-images", labels = "train-labels" }}
test = {{ images = "test-images", labels = "test-labels" }}
mean = 0.0
std = 1.0
[train]
task = {{ type = "classification", label_smoothing = {SMOOTHING} }}
epochs = {EPOCHS}
batch_size = {BATCH}
accumulate = {ACCUMULATE}
optimizer = {{ type = "{name}", {optimizer}, groups = [{{ match = "head.{{rest:*}}", lr_factor = {HEAD_FACTOR} }}] }}
schedule = {{ type = "cosine", warmup = {WARMUP}, start = {START}, end = {END} }}
clip_norm = {CLIP}
log_every = 1
threads = 1
device = "cpu"
[model]
head = {{ type = "classifier", norm = "layer_norm" }}
[[model.stage]]
embedding = {{ type = "patch", size = 2 }}
dim = {DIM}
depth = {DEPTH}
block = "parallel"
norm = {{ type = "layer_norm", over = "all" }}
token_mixer = {{ type = "mlp", ratio = 0.5, bias = false }}
channel_mixer = {{ type = "mlp", ratio = 2.0 }}
"""


def train_here(program, file, run, *more):
    command = [program, "train", str(file), "--out", str(run), "--quiet", *more]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return run


def mixed(z):
    """SplitMix64."""
    mask = (1 << 64) - 1
    z = (z + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def epoch_order(epoch):
    """Fisher-Yates with the draws of stream 2^64 - 1."""
    key = mixed(mixed(mixed(SEED) ^ epoch) ^ (1 << 64) - 1)
    order = list(range(SAMPLES))
    for count, i in enumerate(range(SAMPLES - 1, 0, -1)):
        j = (mixed(key ^ mixed(count)) * (i + 1)) >> 64
        order[i], order[j] = order[j], order[i]
    return order


def forward(w, images):
    x = F.conv2d(images[:, None], w["stages.0.embedding.proj.weight"],
                 w["stages.0.embedding.proj.bias"], stride=2).permute(0, 2, 3, 1)  # [B, H, W, C]
    for i in range(DEPTH):
        part = lambda name: w.get(f"stages.0.blocks.{i}.{name}")
        mlp = lambda y, mixer: F.linear(
            F.gelu(F.linear(y, part(f"{mixer}.fc1.weight"), part(f"{mixer}.fc1.bias"))),
            part(f"{mixer}.fc2.weight"), part(f"{mixer}.fc2.bias"))
        z = F.layer_norm(x, x.shape[1:], part("norm.weight"), part("norm.bias"), eps=1e-6)
        tokens = z.flatten(1, 2).transpose(1, 2)  # [B, C, N]
        x = x + mlp(tokens, "token_mixer").transpose(1, 2).view_as(x) + mlp(z, "channel_mixer")
    x = F.layer_norm(x, (DIM,), w["head.norm.weight"], w["head.norm.bias"], eps=1e-6)
    return F.linear(x.mean((1, 2)), w["head.fc.weight"], w["head.fc.bias"])


class Lamb(torch.optim.Optimizer):
    """arXiv:1904.00962, algorithm 2, with bias correction and the norms unbounded."""

    def __init__(self, groups, lr):
        super().__init__(groups, dict(lr=lr, weight_decay=0.0))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                s = self.state[p]
                s["t"] = s.get("t", 0) + 1
                s["m"] = 0.9 * s.get("m", torch.zeros_like(p)) + 0.1 * p.grad
                s["v"] = 0.999 * s.get("v", torch.zeros_like(p)) + 0.001 * p.grad ** 2
                move = s["m"] / (1 - 0.9 ** s["t"])
                move = move / ((s["v"] / (1 - 0.999 ** s["t"])).sqrt() + 1e-8)
                ratio = 1.0
                if group["weight_decay"] > 0:
                    move = move + group["weight_decay"] * p
                    if p.norm() > 0 and move.norm() > 0:
                        ratio = p.norm() / move.norm()
                p.sub_(group["lr"] * ratio * move)


def optimizer_of(name, w, recipe):
    """Groups by (weight decay, factor on the rate)."""
    groups = {}
    for key, tensor in w.items():
        decays = tensor.dim() > 1 and ".norm." not in key
        group = recipe["weight_decay"] * decays, HEAD_FACTOR if key.startswith("head.") else 1.0
        groups.setdefault(group, []).append(tensor)
    groups = [dict(params=p, weight_decay=d, factor=f) for (d, f), p in groups.items()]
    if name == "adamw":
        return torch.optim.AdamW(groups, lr=recipe["lr"])
    if name == "sgd":
        return torch.optim.SGD(groups, lr=recipe["lr"], momentum=recipe["momentum"], nesterov=True)
    return Lamb(groups, lr=recipe["lr"])


def factor(step, steps):
    warm = WARMUP * steps
    if step < warm:
        return START + (1 - START) * step / warm
    t = (step - warm) / (steps - 1 - warm)
    return END + (1 - END) * (1 + math.cos(math.pi * t)) / 2


def train_there(w, images, labels, optimizer, recipe):
    epoch_steps = math.ceil(math.ceil(SAMPLES / BATCH) / ACCUMULATE)
    losses = []
    for epoch in range(EPOCHS):
        order = epoch_order(epoch)
        for begin in range(0, SAMPLES, BATCH * ACCUMULATE):
            samples = order[begin:begin + BATCH * ACCUMULATE]
            optimizer.zero_grad()
            total = 0.0
            for first in range(0, len(samples), BATCH):
                batch = samples[first:first + BATCH]
                loss = F.cross_entropy(forward(w, images[batch]), labels[batch],
                                       label_smoothing=SMOOTHING) * (len(batch) / len(samples))
                loss.backward()
                total += loss.item()
            torch.nn.utils.clip_grad_norm_(list(w.values()), CLIP)
            for group in optimizer.param_groups:
                rate = recipe["lr"] * factor(len(losses), epoch_steps * EPOCHS)
                group["lr"] = rate * group["factor"]
            optimizer.step()
            losses.append(total)
            if len(losses) == STEPS:
                return losses
    raise RuntimeError("too few steps")


def main():
    program, name = sys.argv[1:]
    recipe = RECIPES[name]
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        images, labels = make_data(folder)
        file = folder / "parity.toml"
        file.write_text(config(folder, recipe, name))
        # A step at rate 0 leaves the weights as they were made.
        made = train_here(program, file, folder / "made", "--stop-after", "1",
                          "--set", "train.optimizer.lr=0")
        weights = load_file(made / "last" / "model.safetensors")
        w = {key: tensor.clone().requires_grad_() for key, tensor in weights.items()}
        run = train_here(program, file, folder / "run", "--stop-after", str(STEPS))
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        here = [line["loss"] for line in lines if line["kind"] == "train"]
        there = train_there(w, images, labels, optimizer_of(name, w, recipe), recipe)
    assert len(here) == len(there) == STEPS, (len(here), len(there))
    worst = max(abs(a - b) / abs(b) for a, b in zip(here, there))
    print(f"{name}: loss {there[0]:.6f} -> {there[-1]:.6f}, worst relative difference {worst:.2e}")
    assert there[-1] < 0.8 * there[0], "the recipe trains nothing, so the comparison shows nothing"
    assert worst <= TOLERANCE, list(zip(here, there))


main()
