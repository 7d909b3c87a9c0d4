"""The networks that can be trained, and those that are made of several."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..contracts.traincnn import PATCH_CNN, SYMMETRIC_UNET, TrainCnnOptions
from ..errors import InvalidOptionError
from .patchcnn import PatchCnn
from .symmetric import SymmetricUNet
from .unet import UNet

_UNET_WIDTHS = (32, 48, 64, 128, 192)
_PATCH_WIDTHS = (24, 48, 64, 128)
_SMALLEST_CONTEXT_STEP = 4


class Ensemble(nn.Module):
    """U-Nets of one shape, trained apart, as one network: its logit is the mean of theirs.

    Networks that begin with other random weights err in other places (Lakshminarayanan et al. 2017, NeurIPS).

    Parameters
    ----------
    members : sequence of UNet

    Attributes
    ----------
    members : ModuleList of UNet
    stride : int
        Height and width of an image must be multiples of it.
    margin : int
        Pixels by which the output is smaller than the image, on every side.
    """

    def __init__(self, members: Sequence[UNet]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.stride = members[0].stride
        self.margin = members[0].margin

    def forward(self, image: Tensor) -> Tensor:
        """Return logits, shape (batch, 1, height, width)."""
        return torch.stack([member(image) for member in self.members]).mean(dim=0)


Trained = UNet | SymmetricUNet | PatchCnn
Network = Trained | Ensemble


def made_network(options: TrainCnnOptions, roles: Sequence[str]) -> Trained:
    """Return a network for some bands, with random weights.

    Raises
    ------
    InvalidOptionError
        If the widths, the context or the bands do not fit the architecture.
    """
    widths = _widths(options)
    if options.architecture == PATCH_CNN:
        return _made_patch_cnn(options, len(roles), widths)
    if len(widths) < 2:
        raise InvalidOptionError(
            f"Option `widths` must name the channels of two levels or more for {options.architecture}."
        )
    if options.architecture == SYMMETRIC_UNET:
        return SymmetricUNet(roles, widths, options.dropout)
    return UNet(roles, widths, options.dropout)


def written_out(network: Trained) -> UNet | PatchCnn:
    """Return a trained network as it is applied: a symmetric one as a plain U-Net, others as they are."""
    return network.written_out() if isinstance(network, SymmetricUNet) else network


def _made_patch_cnn(options: TrainCnnOptions, channels: int, widths: Sequence[int]) -> PatchCnn:
    if len(widths) != len(_PATCH_WIDTHS):
        raise InvalidOptionError(
            f"Option `widths` must hold {len(_PATCH_WIDTHS)} numbers for patch_cnn: three convolutions and the fully "
            f"connected layer; {len(widths)} were given."
        )
    if options.context % _SMALLEST_CONTEXT_STEP:
        raise InvalidOptionError(f"Option `context` must be a multiple of 4, but {options.context} was given.")
    return PatchCnn(channels, widths, options.dropout, options.context)


def _widths(options: TrainCnnOptions) -> tuple[int, ...]:
    if not options.widths:
        return _PATCH_WIDTHS if options.architecture == PATCH_CNN else _UNET_WIDTHS
    if not all(text.isdecimal() and 0 < int(text) <= 4096 for text in options.widths):
        raise InvalidOptionError(
            f"Option `widths` must hold whole numbers from 1 to 4096, but {' '.join(options.widths)} was given."
        )
    return tuple(int(text) for text in options.widths)
