#!/usr/bin/env python3
"""The mixer of `mixwright plugins new` as a user of timm writes it: ten training steps.

See README.md beside this file.
"""
import gzip
import sys

import torch

# torchvision's CUDA build cannot load its own operators beside a CPU's torch, and its import asks for
# their names. (A user with a matching pair of wheels does without these lines.)
OPERATORS = torch.library.Library("torchvision", "DEF")
for operator in ("nms qnms roi_align qroi_align ps_roi_align roi_pool ps_roi_pool deform_conv2d "
                 "_roi_align_backward _ps_roi_align_backward _roi_pool_backward "
                 "_ps_roi_pool_backward _deform_conv2d_backward").split():
    OPERATORS.define(f"{operator}(Tensor x) -> Tensor")

from timm.models.metaformer import MetaFormer  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402


# mixer begins
class MeanMixer(nn.Module):
    """Every token moves towards the mean of all tokens, in each channel by a learned share."""

    def __init__(self, dim, share=0.5, **kwargs):
        super().__init__()
        self.share = nn.Parameter(torch.full((dim, 1, 1), share))

    def forward(self, x):  # [B, C, H, W]
        return x + self.share * (x.mean((2, 3), keepdim=True) - x)
# mixer ends


def read_idx(path, header):
    with gzip.open(path) as file:
        return torch.frombuffer(bytearray(file.read()[header:]), dtype=torch.uint8)


def main():
    torch.manual_seed(1)
    folder = "/usr/share/datasets/fashion-mnist/train-"
    images = read_idx(folder + "images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28)
    labels = read_idx(folder + "labels-idx1-ubyte.gz", 8).long()
    model = MetaFormer(in_chans=1, num_classes=10, depths=(4,), dims=(64,), token_mixers=MeanMixer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.05)
    model.train()
    for batch in torch.randperm(len(labels))[:1280].split(128):
        x = images[batch].float().div_(255).sub_(0.2860).div_(0.3530)
        loss = F.cross_entropy(model(x), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"loss {loss.item():.3f} after 10 steps", file=sys.stdout)


if __name__ == "__main__":
    main()
