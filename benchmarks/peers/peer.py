#!/usr/bin/env python3
"""One peer of `mixwright bench`: a process that answers requests, a line of JSON each, until they end.

    peer.py --peer eager|eager-channels-last|compile|onnxruntime|openvino

Requests and answers (an answer with "error" is a refusal, in one line):

    {"do": "versions"}                    {"versions": {"torch": …}}
    {"do": "weights", "network": …, "weights": FILE}
                                          makes the network, its weights random, and writes them: {}
    {"do": "prepare", "network": …, "weights": FILE, "input": FILE, "mode": "inference" | "training",
     "threads": N}                        {"form": what was made of the network}
    {"do": "answer", "output": FILE}      writes y (and the losses of three steps of training): {}
    {"do": "time", "calls": N}            one call that does not count, then N: {"seconds": […], "memory_mb": …}

`network` is {"module": FILE or "timm", "name": …}. A module has `create(name)`, which gives a network of
pictures [B, 3, H, W], and may have networks with `fused()`, which merges for inference.
Files are safetensors: x of the input, and labels.
"""
import argparse
import importlib.metadata
import importlib.util
import io
import json
import os
import pathlib
import resource
import sys
import tempfile
import time

os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")  # no processes beside this one
sys.dont_write_bytecode = True

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

TRAINING = {"lr": 1e-4, "decay": 0.05}


class Refused(Exception):
    pass


def define_torchvision_operators():
    """torchvision's CUDA build cannot load its operators beside a CPU's torch; its import asks for the names."""
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms qnms roi_align qroi_align ps_roi_align roi_pool ps_roi_pool deform_conv2d "
                 "_roi_align_backward _ps_roi_align_backward _roi_pool_backward "
                 "_ps_roi_pool_backward _deform_conv2d_backward").split():
        library.define(f"{name}(Tensor x) -> Tensor")
    return library


OPERATORS = []


def create(network):
    if network["module"] == "timm":
        OPERATORS.append(define_torchvision_operators())
        import timm
        return timm.create_model(network["name"], pretrained=False)
    path = pathlib.Path(network["module"])
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.create(network["name"])


@torch.no_grad()
def shake(model):
    """Random values for what begins as a constant (norms, biases, a head of zeros): constants would hide a
    tensor in the wrong place, or all of the network behind a scale of 1e-6."""
    torch.manual_seed(1)
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point() and tensor.min() == tensor.max():
            if tensor.abs().max() < 1e-3:
                tensor.zero_()
            tensor.add_(0.1 * torch.randn_like(tensor).clamp(-3, 3))


def fused(model):
    if hasattr(model, "fused"):
        return model.fused()
    if type(model).__module__.startswith("timm."):
        from timm.utils.model import reparameterize_model
        return reparameterize_model(model)
    return model


def groups_of(model):
    decayed, others = [], []
    for parameter in model.parameters():
        (decayed if parameter.dim() > 1 else others).append(parameter)
    return [{"params": decayed, "weight_decay": TRAINING["decay"]}, {"params": others, "weight_decay": 0.0}]


class Torch:
    """The network run by PyTorch."""

    def __init__(self, peer, request, model, x, labels):
        self.training = request["mode"] == "training"
        channels_last = peer != "eager"
        self.form = "channels last" if channels_last else "NCHW"
        if self.training:
            model.train()
        else:
            model.eval()
            if channels_last:
                model = fused(model)
                self.form += ", merged where it can be"
        if channels_last:
            model = model.to(memory_format=torch.channels_last)
            x = x.to(memory_format=torch.channels_last)
        self.x, self.labels, self.call = x, labels, model
        if peer == "compile":
            from torch._inductor import config
            config.freezing = not self.training
            self.form += ", torch.compile" + ("" if self.training else " with freezing")
            self.call = torch.compile(model)
        self.optimizer = None
        if self.training:
            self.optimizer = torch.optim.AdamW(groups_of(model), lr=TRAINING["lr"], fused=True)
        self.losses = []

    def run(self):
        if not self.training:
            with torch.no_grad():
                return self.call(self.x)
        y = self.call(self.x)
        loss = F.cross_entropy(y, self.labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.losses.append(loss.detach())
        return y.detach()


def exported(model, x):
    """The network as an ONNX file's bytes."""
    program = torch.onnx.export(fused(model.eval()), (x,), dynamo=True, verbose=False)
    return program.model_proto


class OnnxRuntime:
    def __init__(self, request, model, x):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = request["threads"]
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            exported(model, x).SerializeToString(), options, providers=["CPUExecutionProvider"])
        self.inputs = {self.session.get_inputs()[0].name: x.numpy()}
        self.form = "ONNX graph, merged where it can be, all optimisations"

    def run(self):
        return torch.from_numpy(self.session.run(None, self.inputs)[0])


class OpenVino:
    def __init__(self, request, model, x):
        import onnx
        import openvino
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "network.onnx"
            onnx.save(exported(model, x), file)
            network = openvino.convert_model(file)
            network.reshape(list(x.shape))
            self.compiled = openvino.compile_model(network, "CPU", {
                "INFERENCE_NUM_THREADS": request["threads"], "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_PRECISION_HINT": "f32"})
        self.request = self.compiled.create_infer_request()
        self.inputs = [x.numpy()]
        self.form = "ONNX graph, merged where it can be, latency hint, float32"

    def run(self):
        return torch.from_numpy(self.request.infer(self.inputs)[0].copy())


class Peer:
    def __init__(self, name):
        self.name = name
        self.runner = None

    def versions(self, request):
        names = ["torch", "timm", "onnx", "onnxruntime", "openvino", "numpy"]
        found = {}
        for name in names:
            try:
                found[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                pass
        found["torch"] = torch.__version__
        return {"versions": found}

    def weights(self, request):
        torch.manual_seed(1)
        model = create(request["network"])
        shake(model)
        save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, request["weights"])
        return {}

    def prepare(self, request):
        threads = request["threads"]
        torch.set_num_threads(threads)
        training = request["mode"] == "training"
        if training and self.name in ("onnxruntime", "openvino"):
            raise Refused("it answers only, it does not train")
        model = create(request["network"])
        model.load_state_dict(load_file(request["weights"]))
        tensors = load_file(request["input"])
        x, labels = tensors["x"], tensors.get("labels")
        if self.name == "onnxruntime":
            self.runner = OnnxRuntime(request, model, x)
        elif self.name == "openvino":
            self.runner = OpenVino(request, model, x)
        else:
            self.runner = Torch(self.name, request, model, x, labels)
        return {"form": self.runner.form}

    def answer(self, request):
        result = {"y": self.runner.run().contiguous()}
        if getattr(self.runner, "training", False):
            for _ in range(2):
                self.runner.run()
            result["losses"] = torch.stack(self.runner.losses[:3])
        save_file(result, request["output"])
        forget_peak()
        return {}

    def time(self, request):
        self.runner.run()
        seconds = []
        for _ in range(request["calls"]):
            begin = time.perf_counter()
            self.runner.run()
            seconds.append(time.perf_counter() - begin)
        return {"seconds": seconds, "memory_mb": peak_mb()}


def forget_peak():
    """What making the network took is not what running it takes."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


def peak_mb():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one_line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    return text if isinstance(error, Refused) else f"{type(error).__name__}: {text}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--peer", required=True,
                           choices=["eager", "eager-channels-last", "compile", "onnxruntime", "openvino"])
    peer = Peer(arguments.parse_args().peer)
    answers = io.TextIOWrapper(os.fdopen(os.dup(1), "wb", 0), write_through=True)
    os.dup2(2, 1)  # what libraries print is no answer
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] not in ("versions", "weights", "prepare", "answer", "time"):
                raise Refused(f"request {request['do']!r} is not known")
            answer = getattr(peer, request["do"])(request)
        except Exception as error:  # noqa: BLE001  a refusal is an answer
            answer = {"error": one_line(error)}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
