"""Two hierarchical associative memories in plain PyTorch, written from the equations of arXiv:2107.06446 and
arXiv:2406.12220: what the bench compares benchmarks/energy with. Names of parameters are ours.

    a step: x <- x + 0.1 (force - x),  ten of them
"""
import torch
from torch import nn
from torch.nn import functional as F

STEPS = 10
STEP = 0.1


class Holder(nn.Module):
    """Nothing but parameters by name."""

    def __init__(self, **parameters):
        super().__init__()
        for name, value in parameters.items():
            self.register_parameter(name, nn.Parameter(value))


def holders(weights):
    return nn.ModuleList([Holder(weight=0.02 * torch.randn(*sizes)) for sizes in weights])


class Denoiser(nn.Module):
    """first (relu, 900) - visible (layer norm, 784) - second (relu, 900); all move together."""

    def __init__(self):
        super().__init__()
        self.network = nn.Module()
        self.network.synapses = holders([(900, 784), (784, 900)])

    def forward(self, picture):  # [B, 1, 28, 28]
        up, down = self.network.synapses[0].weight, self.network.synapses[1].weight
        x = picture.permute(0, 2, 3, 1).flatten(1)
        a = torch.zeros(len(x), 900, dtype=x.dtype)
        b = torch.zeros(len(x), 900, dtype=x.dtype)
        for _ in range(STEPS):
            g, f, h = F.layer_norm(x, x.shape[1:]), F.relu(a), F.relu(b)
            a = a + STEP * (F.linear(g, up) - a)
            b = b + STEP * (g @ down - b)
            x = x + STEP * (f @ up + F.linear(h, down) - x)
        return F.layer_norm(x, x.shape[1:]).view(-1, 28, 28, 1)


class Mixer(nn.Module):
    """x (layer norm over tokens and channels) with tokens and channels adiabatic (GELU)."""

    def __init__(self, tokens=49, channels=128):
        super().__init__()
        self.network = nn.Module()
        self.network.layers = nn.Module()
        self.network.layers.x = nn.Module()
        self.network.layers.x.affine = Holder(gamma=torch.ones(1), shift=torch.zeros(7, 7, channels))
        self.network.synapses = holders([(98, tokens), (512, channels)])

    def forward(self, picture):  # [B, 128, 7, 7]
        mix, widen = self.network.synapses[0].weight, self.network.synapses[1].weight
        affine = self.network.layers.x.affine
        shift = affine.shift.flatten(0, 1)
        x = picture.permute(0, 2, 3, 1).flatten(1, 2)  # [B, N, C]
        for _ in range(STEPS):
            n = F.layer_norm(x, x.shape[1:], eps=1e-6) * affine.gamma + shift
            t = F.gelu(mix @ n)
            c = F.gelu(F.linear(n, widen))
            x = x + STEP * (mix.t() @ t + c @ widen - x)
        return x.view(-1, 7, 7, x.shape[-1])


def create(name):
    return {"ham_denoiser": Denoiser, "ham_mixer": Mixer}[name]()
