"""FFNet in plain PyTorch, written from the paper and from configs/zoo/ffnet: what the bench compares with.

Names of parameters are those of the published checkpoints, so that one safetensors file serves both
sides (configs/weight_maps/ffnet.toml). `fused()` gives the deployed form: side kernels, batch norms and
the skip of a downsampling merged into the convolutions beside them; the last norm stays.

Source: Yun, Lee, Ro 2024 (MetaMixer Is All You Need), arXiv:2406.02021.
"""
import torch
from torch import nn
from torch.nn import functional as F

SIZES = {  # dims, depths, whether residuals are scaled
    "ffnet_1": ((80, 160, 320, 640), (2, 2, 8, 2), False),
    "ffnet_2": ((88, 176, 352, 704), (3, 3, 15, 3), False),
    "ffnet_3": ((96, 192, 384, 768), (4, 4, 22, 5), True),
    "ffnet_4": ((128, 256, 512, 1024), (4, 4, 27, 3), True),
}


def merged(convolution, norm):
    """The one convolution that does what `norm` after `convolution` does in evaluation."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    result = nn.Conv2d(convolution.in_channels, convolution.out_channels, convolution.kernel_size,
                       convolution.stride, convolution.padding, groups=convolution.groups)
    result.weight.data = convolution.weight.data * scale.data.view(-1, 1, 1, 1)
    bias = 0 if convolution.bias is None else convolution.bias.data
    result.bias.data = norm.bias.data + (bias - norm.running_mean) * scale.data
    return result


class ConvNorm(nn.Module):
    """bn(c(x)), without bias."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.c = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn(self.c(x))

    def fused(self):
        return merged(self.c, self.bn)


class TwoKernels(nn.Module):
    """A depthwise convolution of side 7 and one of side 3 beside it, each with its norm, added."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.conv = ConvNorm(inputs, outputs, 7, stride, groups=inputs)
        self.conv1 = ConvNorm(inputs, outputs, 3, stride, groups=inputs)

    def forward(self, x):
        return self.conv(x) + self.conv1(x)

    def fused(self):
        result, side = self.conv.fused(), self.conv1.fused()
        result.weight.data += F.pad(side.weight.data, (2, 2, 2, 2))
        result.bias.data += side.bias.data
        return result


class NormPointwise(nn.Module):
    """x + c(bn(x)): the second half of a downsampling."""

    def __init__(self, dim):
        super().__init__()
        self.conv = nn.ModuleDict({"bn": nn.BatchNorm2d(dim), "c": nn.Conv2d(dim, dim, 1, bias=False)})

    def forward(self, x):
        return x + self.conv["c"](self.conv["bn"](x))

    def fused(self):
        """One convolution: a kernel of side 1 sees the norm's shift at the border as well."""
        norm, weight = self.conv["bn"], self.conv["c"].weight.data
        scale = norm.weight.data / torch.sqrt(norm.running_var + norm.eps)
        shift = norm.bias.data - norm.running_mean * scale
        result = nn.Conv2d(len(scale), len(scale), 1)
        result.weight.data = weight * scale.view(1, -1, 1, 1) + torch.eye(len(scale)).view_as(weight)
        result.bias.data = weight[:, :, 0, 0] @ shift
        return result


class Downsampling(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.proj = nn.Sequential(TwoKernels(inputs, outputs, stride=2), NormPointwise(outputs))

    def forward(self, x):
        return self.proj(x)


def depthwise(dim, kernel):
    return TwoKernels(dim, dim) if kernel == 7 else nn.Conv2d(dim, dim, 3, padding=1, groups=dim)


class Attention(nn.Module):
    """Keys and values are depthwise kernels: q = bn(fc(x)); y = V * gelu(K * q)."""

    def __init__(self, dim, kernel):
        super().__init__()
        self.fc = ConvNorm(dim, dim, 1)
        self.conv1 = depthwise(dim, kernel)
        self.conv2 = depthwise(dim, kernel)

    def forward(self, x):
        return self.conv2(F.gelu(self.conv1(self.fc(x))))


class Mlp(nn.Module):
    def __init__(self, dim, ratio, conv):
        super().__init__()
        self.conv = conv
        self.fc1 = nn.Conv2d(dim, ratio * dim, 1)
        self.fc2 = nn.Conv2d(ratio * dim, dim, 1)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(self.conv(x))))


class Residual(nn.Module):
    """x + s main(x), s one number a channel, 1e-6 at first, or absent; main is left out of some samples."""

    def __init__(self, dim, main, scaled, drop):
        super().__init__()
        self.main = main
        self.drop = drop
        self.layer_scale = nn.Parameter(torch.full((1, dim, 1, 1), 1e-6)) if scaled else None

    def forward(self, x):
        y = self.main(x)
        if self.layer_scale is not None:
            y = self.layer_scale * y
        if self.training and self.drop:
            y = y * (torch.rand(len(y), 1, 1, 1) >= self.drop) / (1 - self.drop)
        return x + y


class Block(nn.Module):
    def __init__(self, dim, kernel, plain, scaled, drop):
        super().__init__()
        self.token_mixer = nn.Sequential(Residual(dim, Attention(dim, kernel), scaled, drop))
        conv = ConvNorm(dim, dim, 3, groups=dim) if plain else TwoKernels(dim, dim)
        self.channel_mixer = Residual(dim, Mlp(dim, 3, conv), scaled, drop)

    def forward(self, x):
        return self.channel_mixer(self.token_mixer(x))


class FFNet(nn.Module):
    def __init__(self, dims, depths, scaled=False, plain_channel_conv=False, drop_path=0.0, classes=1000):
        super().__init__()
        self.patch_embed = nn.Sequential(ConvNorm(3, 64, 3, 2), nn.GELU(), ConvNorm(64, dims[0], 3, 2))
        self.stages = nn.ModuleList()
        drops = iter(torch.linspace(0, drop_path, sum(depths)).tolist())
        for stage, (dim, depth) in enumerate(zip(dims, depths)):
            layers = [Downsampling(dims[stage - 1], dim)] if stage else []
            layers += [Block(dim, 7 if stage > 1 else 3, plain_channel_conv, scaled, next(drops))
                       for _ in range(depth)]
            self.stages.append(nn.Sequential(*layers))
        self.norm = nn.BatchNorm2d(dims[-1])
        self.head = nn.Linear(dims[-1], classes)

    def forward(self, x):  # [B, 3, H, W]
        x = self.patch_embed(x)
        for stage in self.stages:
            x = stage(x)
        return self.head(self.norm(x).mean((2, 3)))

    def fused(self):
        """Merges in place; of modules inside each other the outermost that can."""
        def walk(module):
            for name, child in module.named_children():
                if hasattr(child, "fused"):
                    setattr(module, name, child.fused())
                else:
                    walk(child)
        walk(self)
        return self


def create(name, **options):
    dims, depths, scaled = SIZES[name]
    return FFNet(dims, depths, scaled, plain_channel_conv=name == "ffnet_1", **options)
