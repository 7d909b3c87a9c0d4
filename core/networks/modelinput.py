"""What a network is given: the bands of a stack that its card names, checked and normalised."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidModelError, ModelMismatchError
from ..heatmaps.orientations import AS_IS, Orientation, aspect_bands
from ..progress import Progress
from ..rasters.grid import Grid, Window
from ..rasters.raster import Raster
from .card import ModelCard, Normalisation
from .gaps import missing_bands, places_of
from .network import Network
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
    orientations : sequence of Orientation
        The ways in which each tile is laid down for the network.

    Attributes
    ----------
    channels : int
        Number of bands that the network is given.
    grid : Grid
        The stack's grid.
    absent : tuple of str
        Roles of bands that the network does without, because the stack lacks their source.

    Raises
    ------
    ModelMismatchError
        If roles are missing, the number of bands or the pixel size is another one, or nearly all values of a band are
        far outside the range that the network was made for.
    InvalidModelError
        If the card and the network contradict each other.
    InvalidCRSError
        If the stack's reference system does not count in metres.
    InvalidOptionError
        If a band, or the shape of the pixels, does not allow an orientation.
    """

    def __init__(
        self,
        stack: Raster,
        card: ModelCard,
        network: Network,
        progress: Progress,
        orientations: Sequence[Orientation] = (AS_IS,),
    ) -> None:
        self.grid = stack.grid
        self._stack = stack
        roles = _checked_roles(stack, card, network)
        self.channels = len(roles)
        self.absent = _absent_roles(stack, card)
        # By name where the card names roles, otherwise all bands as they come; None where a band is absent.
        self._indices = [
            None if role in self.absent else stack.roles.index(role) if card.roles else place
            for place, role in enumerate(roles)
        ]
        self._sources = places_of(card.optional, card.roles)
        self._required = [roles.index(role) for role in card.required_roles] if card.roles else range(self.channels)
        self._bands = _one_a_band(card.normalisation, self.channels)
        _check_resolution(stack, card, network)
        self._orientations = tuple(orientations)
        self._aspect: tuple[int, ...] = ()
        if self._orientations != (AS_IS,):
            present = [role for role in roles if role not in self.absent]
            if aspect_bands(present, network.name):
                self._aspect = aspect_bands(roles, network.name) or ()
            self._on_ground = [orientation.on_ground(stack.grid) for orientation in self._orientations]
        self._check_ranges(network, progress)
        if not card.roles:
            progress.warn(_order_note(stack))
        if self.absent:
            progress.warn(
                f"{stack.path} has no {', '.join(self.absent)}; the model {network.name} maps without, less accurately."
            )

    def is_empty(self, window: Window) -> bool:
        """Whether no pixel of a window can be valid, as far as can be told without reading it."""
        indices = (self._indices[place] for place in self._required)
        return any(index is not None and self._stack.is_empty(window, index) for index in indices)

    def read(self, window: Window, target: Window, wanted: NDArray[np.bool_]) -> list[NDArray[np.float32]]:
        """Read a tile, which may hang over the raster.

        Parameters
        ----------
        window : Window
            The tile, a square.
        target : Window
            Part of the tile and of the raster.
        wanted : array of bool, shape (target's height, width)
            What is of interest there; pixels without a finite value in every band that the network needs are taken out
            of it.

        Returns
        -------
        list of arrays of float32, shape (bands, side, side)
            One an orientation. Normalised; 0, the mean, in every band of an invalid pixel, and in the bands of a source
            that may be absent where one of them has no value. Empty where nothing that is wanted is left.
        """
        inside = np.s_[
            target.y - window.y : target.y - window.y + target.height,
            target.x - window.x : target.x - window.x + target.width,
        ]
        values = np.zeros((self.channels, window.height, window.width), np.float32)
        missing = np.zeros(values.shape, np.bool_)
        directions = {}
        # What is needed comes first: a tile without it is not read further.
        for place in (*self._required, *itertools.chain.from_iterable(self._sources)):
            index = self._indices[place]
            if index is None:
                continue
            values[place] = self._stack.read_band(window, index)
            missing[place] = np.isnan(values[place])
            if place in self._required:
                wanted &= ~missing[place][inside]
                if not wanted.any():
                    return []
            if place in self._aspect:
                directions[place] = values[place].copy()
            _normalise(values[place], self._bands[place])
        if missing.any():
            missing = missing_bands(missing, self._sources)
            values[missing] = 0
        if directions:
            return self._laid_down(values, np.stack([directions[place] for place in self._aspect]), missing)
        return [orientation.apply(values) for orientation in self._orientations]

    def _laid_down(
        self, values: NDArray[np.float32], aspect: NDArray[np.float32], missing: NDArray[np.bool_]
    ) -> list[NDArray[np.float32]]:
        """Return a tile in every orientation, its aspect changed before it is clipped and standardised."""
        tiles = []
        for orientation, matrix in zip(self._orientations, self._on_ground, strict=True):
            tile = values.copy()
            for place, row in zip(self._aspect, matrix.astype(np.float32), strict=True):
                tile[place] = row[0] * aspect[0] + row[1] * aspect[1]
                _normalise(tile[place], self._bands[place])
                tile[place, missing[place]] = 0
            tiles.append(orientation.apply(tile))
        return tiles

    def _check_ranges(self, network: Network, progress: Progress) -> None:
        """Refuse a stack in other units than the network's, from a sample of small windows all over it."""
        present = [(index, band) for index, band in zip(self._indices, self._bands, strict=True) if index is not None]
        samples = []
        for window in _sample_windows(self.grid):
            progress.check()
            samples.append([self._stack.read_band(window, index).ravel() for index, _ in present])
        bands = [
            BandSample(self._stack.roles[index], band, np.concatenate(values))
            for (index, band), values in zip(present, zip(*samples, strict=True), strict=True)
        ]
        check_ranges(bands, self._stack.path, network.name, progress)


def _checked_roles(stack: Raster, card: ModelCard, network: Network) -> tuple[str, ...]:
    """Return the roles of the bands that the network is given."""
    missing = [role for role in card.required_roles if role not in stack.roles]
    if missing:
        raise ModelMismatchError(
            f"The model {network.name} needs the bands {', '.join(card.required_roles)}; "
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


def _absent_roles(stack: Raster, card: ModelCard) -> tuple[str, ...]:
    """Return the roles of the sources that the stack lacks; one that lacks a band lacks all."""
    lacking = (source for source in card.optional if any(role not in stack.roles for role in source))
    return tuple(itertools.chain.from_iterable(lacking))


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


def _normalise(values: NDArray[np.float32], band: Normalisation) -> None:
    """Clip and standardise the values of a band, in place."""
    if band.minimum is not None or band.maximum is not None:
        np.clip(values, band.minimum, band.maximum, out=values)
    if band.mean != 0:
        np.subtract(values, np.float32(band.mean), out=values)
    if band.std != 1:
        np.divide(values, np.float32(band.std), out=values)


def _check_resolution(stack: Raster, card: ModelCard, network: Network) -> None:
    found, expected = stack.grid.ground_sample_distance, card.ground_sample_distance
    if not card.accepts(found):
        raise ModelMismatchError(
            f"{stack.path} has pixels of {found:.4g} m, but the model {network.name} was trained for {expected:g} m "
            f"(at most {card.tolerance:.0%} off). Resample the stack, which the option resample does on the fly, "
            "or take another model."
        )


def _sample_windows(grid: Grid) -> list[Window]:
    """Return small windows on a regular lattice over the grid."""
    width, height = min(_SAMPLE_SIZE, grid.width), min(_SAMPLE_SIZE, grid.height)
    columns = np.unique(np.linspace(0, grid.width - width, _SAMPLES_A_SIDE, dtype=int))
    rows = np.unique(np.linspace(0, grid.height - height, _SAMPLES_A_SIDE, dtype=int))
    return [Window(int(x), int(y), width, height) for y in rows for x in columns]
