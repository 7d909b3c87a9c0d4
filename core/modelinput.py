"""What a network is given: the bands of a stack that its card names, checked and normalised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .card import ModelCard, Normalisation
from .errors import InvalidModelError, ModelMismatchError
from .grid import Grid, Window
from .network import Network
from .progress import Progress
from .raster import Raster
from .valueranges import BandSample, check_ranges

_SAMPLES_A_SIDE = 8
_SAMPLE_SIZE = 16
_COLOURS = ("B04", "B03", "B02")


class ModelInput:
    """A stack as a network sees it.

    Parameters
    ----------
    stack : Raster
        The open stack.
    card : ModelCard
        What the network needs.
    network : Network
        The network.
    progress : Progress

    Attributes
    ----------
    channels : int
        Number of bands that the network is given.
    grid : Grid
        The stack's grid.

    Raises
    ------
    ModelMismatchError
        If roles are missing, the number of bands or the pixel size is another one, or nearly all values of a band are
        far outside the range that the network was made for.
    InvalidModelError
        If the card and the network contradict each other.
    InvalidCRSError
        If the stack's reference system does not count in metres.
    """

    def __init__(self, stack: Raster, card: ModelCard, network: Network, progress: Progress) -> None:
        self.grid = stack.grid
        self._stack = stack
        # Read by name where the card names roles, otherwise all bands as they come.
        self._roles = card.roles or None
        self.channels = len(_checked_roles(stack, card, network))
        bands = _one_a_band(card.normalisation, self.channels)
        self._mean = _per_band([band.mean for band in bands])
        self._std = _per_band([band.std for band in bands])
        self._minimum = _per_band([-np.inf if band.minimum is None else band.minimum for band in bands])
        self._maximum = _per_band([np.inf if band.maximum is None else band.maximum for band in bands])
        _check_resolution(stack, card, network)
        self._check_ranges(bands, network, progress)
        if not card.roles:
            progress.warn(_order_note(stack))

    def read(self, window: Window) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Read a tile, which may hang over the raster.

        Parameters
        ----------
        window : Window
            The tile.

        Returns
        -------
        values : array of float32, shape (bands, height, width)
            Normalised; 0, the mean, in every band of an invalid pixel.
        valid : array of bool, shape (height, width)
            Where all bands have a finite value.
        """
        values = self._stack.read_reflected(window, self._roles)
        valid = np.isfinite(values).all(axis=0)
        np.clip(values, self._minimum, self._maximum, out=values)
        values -= self._mean
        values /= self._std
        values[:, ~valid] = 0
        return values, valid

    def _check_ranges(self, bands: Sequence[Normalisation], network: Network, progress: Progress) -> None:
        """Refuse a stack in other units than the network's, from a sample of small windows all over it."""
        samples = []
        for window in _sample_windows(self.grid):
            progress.check()
            samples.append(self._stack.read(window, self._roles).reshape(self.channels, -1))
        pixels = np.concatenate(samples, axis=1)
        roles = self._roles or self._stack.roles
        found = zip(roles, bands, pixels, strict=True)
        check_ranges([BandSample(*band) for band in found], self._stack.path, network.name, progress)


def _checked_roles(stack: Raster, card: ModelCard, network: Network) -> tuple[str, ...]:
    """Return the roles of the bands that the network is given."""
    missing = [role for role in card.roles if role not in stack.roles]
    if missing:
        raise ModelMismatchError(
            f"The model {network.name} needs the bands {', '.join(card.roles)}; "
            f"{stack.path} has no {', '.join(missing)}. Its bands are {', '.join(stack.roles)}. "
            "Add the missing bands, or describe the bands by these names."
        )
    roles = card.roles or stack.roles
    if network.channels not in (None, len(roles)):
        if card.roles:
            raise InvalidModelError(
                f"The card of {network.name} names {len(roles)} bands, but its network takes {network.channels}."
            )
        raise ModelMismatchError(
            f"The model {network.name} takes {network.channels} bands without naming them, but {stack.path} has "
            f"{len(roles)} ({', '.join(roles)}). Give a raster of exactly the bands that it was trained on, in order."
        )
    return roles


def _order_note(stack: Raster) -> str:
    """Say in which order a network that names no bands gets them."""
    note = (
        f"The model does not name its bands; it is given those of the stack in their order: {', '.join(stack.roles)}."
    )
    if set(stack.roles) == set(_COLOURS) and stack.roles != _COLOURS:
        note += f" Models of pictures mostly take red, green and blue, {', '.join(_COLOURS)}."
    return note


def _one_a_band(normalisation: Sequence[Normalisation], channels: int) -> list[Normalisation]:
    if len(normalisation) not in (1, channels):
        raise InvalidModelError(
            f"The model's card normalises {len(normalisation)} bands, but the network takes {channels}."
        )
    return list(normalisation) * (channels // len(normalisation))


def _per_band(numbers: Sequence[float]) -> NDArray[np.float32]:
    return np.array(numbers, np.float32)[:, None, None]


def _check_resolution(stack: Raster, card: ModelCard, network: Network) -> None:
    found, expected = stack.grid.ground_sample_distance, card.ground_sample_distance
    if expected is not None and abs(found / expected - 1) > card.tolerance:
        raise ModelMismatchError(
            f"{stack.path} has pixels of {found:.4g} m, but the model {network.name} was trained for {expected:g} m "
            f"(at most {card.tolerance:.0%} off). Resample the stack, or take another model."
        )


def _sample_windows(grid: Grid) -> list[Window]:
    """Return small windows on a regular lattice over the grid."""
    width, height = min(_SAMPLE_SIZE, grid.width), min(_SAMPLE_SIZE, grid.height)
    columns = np.unique(np.linspace(0, grid.width - width, _SAMPLES_A_SIDE, dtype=int))
    rows = np.unique(np.linspace(0, grid.height - height, _SAMPLES_A_SIDE, dtype=int))
    return [Window(int(x), int(y), width, height) for y in rows for x in columns]
