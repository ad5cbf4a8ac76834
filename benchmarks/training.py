#!/usr/bin/env python3
"""Speed and peak memory of training: mixwright against the same network in eager PyTorch.

Both train the same steps on the same data with the same threads and precision, in turns, so that
both meet the same state of the machine. Prints each round and the medians of the ratios.

    .venv/bin/python benchmarks/training.py [--network NAME …] [--rounds 5] [--steps 200]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CONFIGS = {"paramixer": "configs/quickstart.toml", "convolutional": "configs/accuracy/fashion_mnist.toml"}


def ours(program, network, steps, threads, precision):
    """Speed between the lines of metrics.jsonl after the first, so that start-up does not count."""
    with tempfile.TemporaryDirectory() as folder:
        run = pathlib.Path(folder) / "run"
        command = [program, "train", HERE.parent / CONFIGS[network], "--out", run, "--quiet",
                   "--stop-after", str(steps)]
        for setting in (f"train.threads={threads}", f"train.precision={precision}",
                        "train.transforms=[]", "train.log_every=20"):
            command += ["--set", setting]
        subprocess.run(command, check=True, cwd=HERE.parent)
        lines = [json.loads(line) for line in open(run / "metrics.jsonl")]
        speeds = [line["samples_per_second"] for line in lines if line["kind"] == "train"][1:]
        return statistics.harmonic_mean(speeds), max(line["memory_mb"] for line in lines if "memory_mb" in line)


def theirs(network, steps, threads, precision):
    command = [sys.executable, HERE / "eager_training.py", "--network", network, "--steps", str(steps),
               "--threads", str(threads)] + (["--bfloat16"] if precision == "bfloat16" else [])
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result["samples_per_second"], result["peak_mb"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--program", default=HERE.parent / "build/bin/mixwright")
    arguments.add_argument("--network", nargs="+", choices=CONFIGS, default=list(CONFIGS))
    arguments.add_argument("--precision", nargs="+", choices=["float32", "bfloat16"], default=["float32", "bfloat16"])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--steps", type=int, default=200)
    arguments.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = arguments.parse_args()
    for network in options.network:
        for precision in options.precision:
            speeds, memories = [], []
            for round_ in range(options.rounds):
                a, b = (f(network, options.steps, options.threads, precision) for f in
                        (lambda *rest: ours(options.program, *rest), theirs))
                speeds.append(a[0] / b[0])
                memories.append(a[1] / b[1])
                print(f"{network} {precision} {round_ + 1}: mixwright {a[0]:.0f} samples/s {a[1]:.0f} MB, "
                      f"eager {b[0]:.0f} samples/s {b[1]:.0f} MB", flush=True)
            print(f"{network} {precision}: speed ratio {statistics.median(speeds):.2f} "
                  f"({min(speeds):.2f} to {max(speeds):.2f}), memory ratio {statistics.median(memories):.2f}, "
                  f"{options.rounds} rounds of {options.steps} steps, {options.threads} threads", flush=True)


if __name__ == "__main__":
    main()
