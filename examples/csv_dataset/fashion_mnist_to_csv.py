#!/usr/bin/env python3
"""Writes Fashion-MNIST, or another data set in IDX files, as train.csv and test.csv.

  fashion_mnist_to_csv.py OUT [--from FOLDER] [--rows N]
"""
import argparse
import gzip
import pathlib
import struct


def read_idx(path):
    """Sizes and bytes of an IDX file of unsigned bytes."""
    data = gzip.open(path).read()
    rank = data[3]
    sizes = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return sizes, data[4 + 4 * rank :]


def write_csv(source, prefix, out, most):
    (count, height, width), pixels = read_idx(source / f"{prefix}-images-idx3-ubyte.gz")
    _, labels = read_idx(source / f"{prefix}-labels-idx1-ubyte.gz")
    values = height * width
    with open(out, "w", encoding="ascii") as file:
        names = [f"p{y}_{x}" for y in range(height) for x in range(width)]
        file.write(",".join(["label", *names]) + "\n")
        for i in range(min(count, most or count)):
            row = pixels[i * values : (i + 1) * values]
            file.write(f"{labels[i]}," + ",".join(map(str, row)) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=pathlib.Path, help="folder for train.csv and test.csv")
    parser.add_argument("--from", dest="source", type=pathlib.Path, metavar="FOLDER",
                        default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--rows", type=int, default=0, help="only the first N of each")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_csv(arguments.source, "train", arguments.out / "train.csv", arguments.rows)
    write_csv(arguments.source, "t10k", arguments.out / "test.csv", arguments.rows)


if __name__ == "__main__":
    main()
