"""Prints the scalars that TensorBoard reads from a folder of event files, as JSON.

Twice: as its library for users reads them, and as its own pages do, which treat a restart
differently: there the first SessionLog START is no restart.
"""
import json
import logging
import math
import sys

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.backend.event_processing import plugin_event_accumulator
from tensorboard.util import tensor_util

logging.disable(logging.WARNING)  # tells of every restart


def shown(value):
    return value if math.isfinite(value) else str(value)


def by_library(folder):
    reader = event_accumulator.EventAccumulator(folder, size_guidance={"scalars": 0})
    reader.Reload()
    return {
        tag: [[event.step, shown(event.value)] for event in reader.Scalars(tag)]
        for tag in reader.Tags()["scalars"]
    }


def by_pages(folder):
    reader = plugin_event_accumulator.EventAccumulator(
        folder, tensor_size_guidance={"scalars": 0}
    )
    reader.Reload()
    return {
        tag: [
            [event.step, shown(tensor_util.make_ndarray(event.tensor_proto).item())]
            for event in reader.Tensors(tag)
        ]
        for tag in reader.Tags()["tensors"]
    }


print(json.dumps({"library": by_library(sys.argv[1]), "pages": by_pages(sys.argv[1])}))
