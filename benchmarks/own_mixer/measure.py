#!/usr/bin/env python3
"""The same token mixer three ways: lines that a user writes, and seconds from an edit to a result.

An edit is a changed constant in the mixer, a result the loss after ten training steps on
Fashion-MNIST; the three take turns. See README.md beside this file.

    .venv/bin/python benchmarks/own_mixer/measure.py --prefix P --site SITE [--rounds 5]
"""
import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def written_lines(*texts):
    """Lines that are neither empty nor a comment."""
    code = [line.strip() for text in texts for line in text.splitlines()]
    return sum(1 for line in code if line and not line.startswith(("//", "#!", "# ")))


def between_marks(text):
    return re.search(r"mixer begins\n(.*?)(//|#) mixer ends", text, re.S).group(1)


def run(command, folder, environment=None):
    result = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True,
                            env={**os.environ, **(environment or {})})
    if result.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{result.stdout}{result.stderr}")


class Way:
    """One way to write the mixer: a folder, the file that is edited, the commands to a result."""

    def __init__(self, name, edited, commands, folder, environment=None):
        self.name, self.edited, self.commands = name, edited, commands
        self.folder, self.environment, self.seconds = folder, environment, []

    def result(self, share):
        text = self.edited.read_text()
        changed = re.sub(r"share( ?= ?)0\.\d+", rf"share\g<1>{share}", text, count=1)
        assert changed != text, f"{self.edited}: no constant to change"
        self.edited.write_text(changed)
        begin = time.perf_counter()
        for command in self.commands:
            run(command, self.folder, self.environment)
        return time.perf_counter() - begin


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--prefix", required=True, type=pathlib.Path, help="an installed Mixwright")
    arguments.add_argument("--site", required=True, help="folder with timm and what it needs")
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    prefix = options.prefix.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        work = pathlib.Path(temporary)
        shutil.copy(HERE / "with_timm.py", work)
        shutil.copytree(HERE / "libtorch", work / "libtorch")
        program = prefix / "bin/mixwright"
        run([program, "plugins", "new", "mean_mixer", "--out", work / "ours"], work)
        cmake = ["cmake", "-G", "Ninja", "-B", "build", "-DCMAKE_CXX_COMPILER=clang++-19"]
        run([*cmake, "-S", "libtorch", "-DCMAKE_BUILD_TYPE=Release", f"-DTORCH_ROOT={prefix}/lib/mixwright/libtorch",
             f"-DCMAKE_MODULE_PATH={prefix}/lib/cmake/Mixwright"], work)
        run([*cmake, "-S", ".", f"-DMixwright_DIR={prefix}/lib/cmake/Mixwright"], work / "ours")
        ours = (work / "ours/mean_mixer.h", work / "ours/mean_mixer.cpp")
        by_hand = (HERE / "libtorch/main.cpp").read_text()
        with_timm = (HERE / "with_timm.py").read_text()
        train = [program, "--plugin-path", "build/libmean_mixer.so", "train", "configs/mean_mixer.toml",
                 "--stop-after", "10", "--quiet", "--set", "train.precision=\"float32\"", "--out"]
        ways = [
            (Way("timm", work / "with_timm.py", [[sys.executable, "with_timm.py"]], work,
                 {"PYTHONPATH": options.site}), 1, between_marks(with_timm), [with_timm]),
            (Way("LibTorch by hand", work / "libtorch/main.cpp", [["ninja", "-C", "build"], ["build/by_hand"]], work),
             2, between_marks(by_hand), [by_hand, (HERE / "libtorch/CMakeLists.txt").read_text()]),
            (Way("Mixwright", ours[0], [], work / "ours"), 2, "\n".join(f.read_text() for f in ours),
             [f.read_text() for f in ours]),
        ]
        for round_ in range(options.rounds + 1):  # the first one builds and fills caches
            for way, *_ in ways:
                if way.name == "Mixwright":
                    way.commands = [["ninja", "-C", "build", "plugin_mean_mixer"], [*train, f"run-{round_}"]]
                seconds = way.result(f"0.{round_ + 51}")
                if round_:
                    way.seconds.append(seconds)
        print(f"{'':18}{'mixer':>8}{'in all':>8}{'files':>7}   edit to result, median (lowest to highest)")
        for way, files, mixer, texts in ways:
            print(f"{way.name:18}{written_lines(mixer):>8}{written_lines(*texts):>8}{files:>7}   "
                  f"{statistics.median(way.seconds):.1f} s ({min(way.seconds):.1f} to {max(way.seconds):.1f})")


if __name__ == "__main__":
    main()
