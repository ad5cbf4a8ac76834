"""Carries weights from timm to here and back and compares what both networks answer.

For one published size of each system that timm has: random weights of timm's network are imported,
ours answers as it does; other random weights of ours are exported, timm loads them strictly and
answers as ours does. Then the same with other input sizes and classes (`import --adapt`).

    timm_weights.py PROGRAM SOURCE [NAME…]
"""
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file

# torchvision's CUDA build cannot load its own operators beside a CPU's torch, and its import asks
# for their names.
OPERATORS = torch.library.Library("torchvision", "DEF")
for operator in ("nms qnms roi_align qroi_align ps_roi_align roi_pool ps_roi_pool deform_conv2d "
                 "_roi_align_backward _ps_roi_align_backward _roi_pool_backward "
                 "_ps_roi_pool_backward _deform_conv2d_backward").split():
    OPERATORS.define(f"{operator}(Tensor x) -> Tensor")

import timm  # noqa: E402
from timm.layers import resample_abs_pos_embed, resize_rel_pos_bias_table  # noqa: E402

TOLERANCE = 1e-5
# name in timm, which is the config's too; the weight map where the config's is not timm's
SYSTEMS = {
    "mixer_s32_224": None,
    "resmlp_12_224": None,
    "gmlp_s16_224": None,
    "convmixer_768_32": None,
    "convnext_tiny": None,
    "vit_tiny_patch16_224": None,
    "swin_tiny_patch4_window7_224": None,
    "repvit_m0_9": None,
    "repvit_m1_1": None,
    "fasternet_t0": None,
    "poolformer_s12": None,
    "poolformerv2_s12": "metaformer_timm",
    "convformer_s18": "metaformer_timm",
    "caformer_s18": "caformer_timm",
}

# timm's head normalises with eps 1e-6 where the authors' code, which the zoo follows, has 1e-5: 2e-5 of
# the answer.
HEAD_OF_TIMM = ["model.head.hidden_norm.eps=1e-6"]
SETS = {"convformer_s18": HEAD_OF_TIMM, "caformer_s18": HEAD_OF_TIMM}


def stirred(state):
    """Other values of the same kind: nothing is zero, one or equal to another."""
    result = {}
    for name, tensor in state.items():
        if not tensor.is_floating_point():
            result[name] = torch.randint_like(tensor, 1000)
        elif name.endswith("running_var"):
            result[name] = torch.rand_like(tensor) + 0.5
        else:
            scale = tensor.std().item() if tensor.numel() > 1 else 0.0
            result[name] = tensor + max(0.5 * scale, 0.02) * torch.randn_like(tensor)
    return result


def difference(ours, theirs):
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    scale = theirs.abs().max().item()
    assert scale > 1e-3, "the answers are all near zero, so that nothing is compared"
    return (ours - theirs).abs().max().item() / scale


class Case:
    def __init__(self, program, source, folder, name, weight_map=None, sets=(), **model):
        self.program, self.folder, self.name, self.sets = program, folder, name, sets
        self.config = next((source / "configs" / "zoo").rglob(name + ".toml"))
        maps = source / "configs" / "weight_maps"
        self.map = ["--map", str(maps / (weight_map + ".toml"))] if weight_map else []
        self.overrides = [word for setting in sets for word in ("--set", setting)]
        self.model = timm.create_model(name, **model).eval()

    def path(self, name):
        return str(self.folder / (name + ".safetensors"))

    def run(self, *words):
        result = subprocess.run([self.program, *words], capture_output=True, text=True)
        assert result.returncode == 0, (words, result.stderr)
        return result.stderr

    def weights(self, direction, *words):
        return self.run("weights", direction, *self.map, "--config", str(self.config),
                        *self.overrides, *words)

    def answer_here(self, weights, x):
        save_file({"x": x.permute(0, 2, 3, 1).contiguous()}, self.path("x"))
        self.run("forward", str(self.config), *self.overrides, "--weights", weights,
                 "--input", self.path("x"), "--output", self.path("y"))
        return load_file(self.path("y"))["y"]

    @torch.no_grad()
    def answer_there(self, state, x):
        """timm's answer in float64, and how far its own in float32 is from that."""
        self.model.load_state_dict(state, strict=True)
        single = self.model.float()(x)
        exact = self.model.double()(x.double()).float()
        self.model.float()
        return exact, difference(single, exact)

    def there_to_here(self, x):
        theirs = stirred(self.model.state_dict())
        save_file(theirs, self.path("theirs"))
        self.weights("import", self.path("theirs"), self.path("ours"))
        return self.compared(self.answer_here(self.path("ours"), x), theirs, x)

    def here_to_there(self, x):
        save_file(stirred(load_file(self.path("ours"))), self.path("ours"))
        self.weights("export", self.path("ours"), self.path("back"))
        return self.compared(self.answer_here(self.path("ours"), x), load_file(self.path("back")), x)

    def compared(self, here, state, x):
        """Our difference from timm in float64. timm's own float32 may be off by more than the bound in
        a deep network of random weights; then ours may be off by no more than thrice as much."""
        exact, own = self.answer_there(state, x)
        error = difference(here, exact)
        assert error <= max(TOLERANCE, 3 * own), (self.name, error, own)
        return f"{error:.1e} (timm in float32: {own:.1e})"


def carry(*arguments):
    torch.manual_seed(1)
    case = Case(*arguments)
    x = torch.randn(1, 3, 224, 224)
    there, here = case.there_to_here(x), case.here_to_there(x)
    print(f"{case.name}: import {there}, export {here}", flush=True)


def adapt(where, name, side, sets, model, resized):
    """A small network's weights imported into one of another size and given back to timm."""
    torch.manual_seed(2)
    small = Case(*where, name)
    theirs = stirred(small.model.state_dict())
    case = Case(*where, name, None, sets, **model)
    save_file(theirs, case.path("theirs"))
    said = case.weights("import", "--adapt", case.path("theirs"), case.path("ours"))
    case.weights("export", case.path("ours"), case.path("back"))
    back = load_file(case.path("back"))
    worst = 0.0
    changed = 0
    for key, tensor in theirs.items():
        if tensor.shape == back[key].shape:
            assert torch.equal(tensor, back[key]), key
            continue
        changed += 1
        assert said.count(f"{list(tensor.shape)} -> {list(back[key].shape)}: ") > 0, (key, said)
        if not key.startswith("head."):
            worst = max(worst, difference(back[key], resized(tensor, back[key])))
    assert changed > 0
    x = torch.randn(1, 3, *side)
    answers = case.compared(case.answer_here(case.path("ours"), x), back, x)
    print(f"{name} at {side}: {changed} tensors changed, resized {worst:.1e}, answers {answers}",
          flush=True)
    assert worst <= TOLERANCE, name


def main():
    program, source, *names = sys.argv[1:]
    with tempfile.TemporaryDirectory() as temporary:
        where = program, pathlib.Path(source), pathlib.Path(temporary)
        for name in names or SYSTEMS:
            carry(*where, name, SYSTEMS[name], SETS.get(name, []))
        if names:
            return
        adapt(where, "vit_tiny_patch16_224", (256, 320),
              ["model.input.shape=[256, 320, 3]", "model.input.classes=10"],
              dict(img_size=(256, 320), num_classes=10),
              lambda old, new: resample_abs_pos_embed(old, [16, 20]))
        adapt(where, "swin_tiny_patch4_window7_224", (256, 256),
              ["model.input.shape=[256, 256, 3]", "model.stage_defaults.token_mixer.window=8"],
              dict(img_size=256, window_size=8),
              lambda old, new: resize_rel_pos_bias_table(old, (8, 8), tuple(new.shape)))


main()
