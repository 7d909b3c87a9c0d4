"""A U-Net whose answer turns and mirrors with the picture, by how it is built.

Nothing on the ground changes when a map is turned. A network that is to learn this from turned crops needs a kernel for
every direction; here one kernel is turned and mirrored into all eight (group-equivariant convolutions, Cohen and
Welling 2016, ICML, 2990-2999), so that as many channels have an eighth of the weights to learn.

It is trained in this form only. Written out, kernel by kernel, it is a `UNet` like any other.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import InvalidModelError, InvalidOptionError
from ..heatmaps.orientations import ALL, Orientation, aspect_bands, orientations
from ..rasters.grid import Grid
from .unet import EncoderDecoder, UNet

ORIENTATIONS = orientations(ALL)
_COUNT = len(ORIENTATIONS)
_NORTH_UP = Grid(1, 1, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0), "")
_SIDE = 3
_ADVICE = "Leave out what cannot be turned (option `bands`), or choose the architecture unet."


class SymmetricUNet(EncoderDecoder):
    """U-Net that gives the logit of one class for every pixel, the same however the picture is laid down.

    Parameters
    ----------
    roles : sequence of str
        Roles of the input bands; an aspect among them is turned with the picture.
    widths : sequence of int
        Channels of each level, two or more, multiples of eight: a kernel gives as many channels as there are ways to
        lay a picture down.
    dropout : float
        Share of the deepest channels left out at random in training.

    Raises
    ------
    InvalidOptionError
        If a band depends on a direction and cannot be turned, or a width is no multiple of eight.
    """

    def __init__(self, roles: Sequence[str], widths: Sequence[int], dropout: float) -> None:
        if any(width % _COUNT for width in widths):
            raise InvalidOptionError(
                f"Option `widths` must hold multiples of {_COUNT} for symmetric_unet, one channel for each way to lay "
                f"a picture down, but {' '.join(map(str, widths))} was given."
            )
        filters = [width // _COUNT for width in widths]
        # Pairs of pixels are on both sides of a picture's middle line; threes, one apart from the next, are not.
        first = partial(_Lifting, filters=filters[0])
        super().__init__(roles, first, partial(_Convolution, side=2), _Convolution, filters, dropout)
        self._plain = (tuple(roles), tuple(widths), dropout)
        # The last features are few and never negative: were all to speak against a rock glacier, as they would by
        # chance, nothing could be mapped before one of them has changed its mind, which takes longer than to learn.
        with torch.no_grad():
            signs = torch.tensor([1.0, -1.0]).repeat(filters[0])[: filters[0]]
            self.last.weight.copy_(self.last.weight.abs() * signs.view(1, -1, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        """Return logits, shape (batch, 1, height, width)."""
        return self.last(self.features(image).unflatten(1, (-1, _COUNT)).mean(dim=2))

    def written_out(self) -> UNet:
        """Return the network as a plain U-Net, for inference."""
        plain = UNet(*self._plain)
        state = plain.state_dict()
        with torch.no_grad():
            for name, layer in self._layers():
                for key, values in layer.written_out().items():
                    state[f"{name}.{key}"].copy_(values)
            state["last.weight"].copy_(_repeated(self.last.weight, dim=1) / _COUNT)
            state["last.bias"].copy_(self.last.bias)
        return plain.to(self.last.weight.device).eval()

    def take(self, plain: UNet) -> None:
        """Take the weights of such a network from a plain U-Net that it was written out to.

        Raises
        ------
        InvalidModelError
            If the plain network is another one.
        """
        state = plain.state_dict()
        with torch.no_grad():
            for name, layer in self._layers():
                begin = f"{name}."
                layer.take({key.removeprefix(begin): item for key, item in state.items() if key.startswith(begin)})
            self.last.weight.copy_(state["last.weight"][:, ::_COUNT] * _COUNT)
            self.last.bias.copy_(state["last.bias"])
        again = self.written_out().state_dict()
        if not all(torch.allclose(again[key], values, rtol=1e-3, atol=1e-6) for key, values in state.items()):
            raise InvalidModelError(
                "The model to start from is a U-Net, but not a symmetric one: its kernels are not one another turned. "
                "Choose the architecture unet, or start from random weights."
            )

    def _layers(self) -> list[tuple[str, _Layer]]:
        """Return the convolutions by the names of their counterparts in a plain U-Net."""
        return [(name, layer) for name, layer in self.named_modules() if isinstance(layer, _Layer)]


class _Layer(nn.Module):
    """A convolution in all orientations, normalised by batch, and a rectifier.

    The channels of its output are those of the first filter in all orientations, then those of the second, and so on.
    """

    def __init__(self, channels: int, filters: int, side: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(filters, channels, side, side))
        nn.init.kaiming_uniform_(self.weight, a=5**0.5)
        self.norm = nn.BatchNorm2d(filters)
        self._stride, self._padding = (2, 0) if side == 2 else (1, side // 2)

    def forward(self, image: Tensor) -> Tensor:
        kernels = self.kernels().contiguous(memory_format=torch.channels_last)
        features = functional.conv2d(image, kernels, stride=self._stride, padding=self._padding)
        norm = self.norm
        mean, variance = (_repeated(value) for value in (norm.running_mean, norm.running_var))
        weight, bias = (_repeated(value) for value in (norm.weight, norm.bias))
        features = functional.batch_norm(features, mean, variance, weight, bias, self.training, norm.momentum, norm.eps)
        if self.training:
            with torch.no_grad():
                norm.running_mean.copy_(mean.view(-1, _COUNT).mean(dim=1))
                norm.running_var.copy_(variance.view(-1, _COUNT).mean(dim=1))
        return functional.relu(features, inplace=True)

    def kernels(self) -> Tensor:
        """Return the kernels of all channels, shape (8 * filters, channels, side, side)."""
        oriented = torch.stack([self._oriented(number) for number in range(_COUNT)], dim=1)
        return oriented.flatten(0, 1)

    def _oriented(self, number: int) -> Tensor:
        """Return the kernels that answer to a picture laid down in one orientation as these to the picture as it is."""
        raise NotImplementedError

    def written_out(self) -> dict[str, Tensor]:
        """Return what the convolution and the normalisation of a plain U-Net hold."""
        kernels = self.kernels()
        smaller = _SIDE - kernels.shape[-1]
        return {
            "0.weight": functional.pad(kernels, (smaller, 0, smaller, 0)),
            "1.weight": _repeated(self.norm.weight),
            "1.bias": _repeated(self.norm.bias),
            "1.running_mean": _repeated(self.norm.running_mean),
            "1.running_var": _repeated(self.norm.running_var),
        }

    def take(self, plain: dict[str, Tensor]) -> None:
        """Take over what `written_out` returned."""
        smaller = _SIDE - self.weight.shape[-1]
        self.weight.copy_(plain["0.weight"][::_COUNT, :, smaller:, smaller:])
        for name in ("weight", "bias", "running_mean", "running_var"):
            getattr(self.norm, name).copy_(plain[f"1.{name}"][::_COUNT])


class _Lifting(_Layer):
    """From bands to channels in all orientations."""

    def __init__(self, roles: Sequence[str], filters: int) -> None:
        super().__init__(len(roles), filters, _SIDE)
        self.register_buffer("turning", _turning(roles), persistent=False)

    def _oriented(self, number: int) -> Tensor:
        return _laid_down(torch.einsum("ij,fjyx->fiyx", self.turning[number], self.weight), ORIENTATIONS[number])


class _Convolution(_Layer):
    """From channels in all orientations to others."""

    def __init__(self, channels: int, filters: int, side: int = _SIDE) -> None:
        super().__init__(channels * _COUNT, filters, side)

    def _oriented(self, number: int) -> Tensor:
        weight = self.weight.unflatten(1, (-1, _COUNT))[:, :, _RELATIVE[number]].flatten(1, 2)
        return _laid_down(weight, ORIENTATIONS[number])


def require_north_up(roles: Sequence[str], grids: Sequence[Grid]) -> None:
    """Refuse grids on which a picture that is laid down otherwise shows something else.

    Raises
    ------
    InvalidOptionError
        If pixels are not square, or there is an aspect and north is not up.
    """
    has_aspect = _aspect_among(roles) is not None
    for grid, orientation in itertools.product(grids, ORIENTATIONS):
        turned = orientation.on_ground(grid, _ADVICE)
        if has_aspect and not np.allclose(turned, orientation.on_ground(_NORTH_UP), atol=1e-6):
            raise InvalidOptionError(
                "A symmetric_unet turns the aspect as on a map with north up, but the samples' pixels lie otherwise. "
                "Resample the stack, leave the aspect out (`bands`), or choose the architecture unet."
            )


def _aspect_among(roles: Sequence[str]) -> tuple[int, int] | None:
    return aspect_bands(roles, "to be trained", _ADVICE)


def _turning(roles: Sequence[str]) -> Tensor:
    """Return what becomes of the bands' values in each orientation, shape (8, bands, bands); only an aspect changes."""
    aspect = _aspect_among(roles)
    matrices = np.tile(np.eye(len(roles), dtype=np.float32), (_COUNT, 1, 1))
    if aspect:
        for matrix, orientation in zip(matrices, ORIENTATIONS, strict=True):
            matrix[np.ix_(aspect, aspect)] = orientation.on_ground(_NORTH_UP)
    return torch.from_numpy(matrices)


def _laid_down(kernels: Tensor, orientation: Orientation) -> Tensor:
    return torch.rot90(kernels.flip(-1) if orientation.mirrored else kernels, orientation.turns, (-2, -1))


def _relative() -> list[list[int]]:
    """Return for each orientation the number of every other one, seen from it: undone by it, after the other."""
    probe = np.arange(9).reshape(3, 3)
    pictures = [orientation.apply(probe).tolist() for orientation in ORIENTATIONS]
    return [[pictures.index(one.undo(other.apply(probe)).tolist()) for other in ORIENTATIONS] for one in ORIENTATIONS]


_RELATIVE = _relative()


def _repeated(values: Tensor, dim: int = 0) -> Tensor:
    return values.repeat_interleave(_COUNT, dim=dim)
