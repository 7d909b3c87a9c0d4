"""Which bands of which layers make a feature stack, under which roles, and how each is resampled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..contracts.featurestack import AUTOMATIC, RESAMPLINGS
from ..errors import InvalidOptionError, InvalidRasterError
from ..rasters.raster import Raster
from ..rasters.roles import HEATMAP, role_of
from ..rasters.warping import Placement
from ..terrain.dem import ELEVATION, stated_unit

CLASSES = ("scene_classification", "scl", "landcover", "land_cover", "class", "classes", "labels")
"""Roles of bands whose numbers are names of classes."""

_KEYS = ("role", "from", "layer", "resampling", "step")
_UNDESCRIBED = re.compile(r"band[ _]?\d+", re.IGNORECASE)
_ASPECTS = ("aspect", "aspect_deg", "aspect_degrees")


@dataclass(frozen=True)
class StackBand:
    """One band of a stack.

    Attributes
    ----------
    role : str
        What it holds.
    layer, index : int
        Where it comes from: the layer and its band, both from 0.
    resampling : str
        A method, or ``auto``.
    step : float
        Step in which it is to be stored as whole numbers; 0 where nobody says.
    """

    role: str
    layer: int
    index: int
    resampling: str
    step: float = 0.0


@dataclass(frozen=True)
class _Item:
    """One item of the mapping as it was written; what is left out is empty."""

    text: str
    role: str = ""
    origin: str = ""
    layer: str = ""
    resampling: str = ""
    step: float = 0.0


def stack_bands(layers: Sequence[Raster], mapping: Iterable[str], resampling: str) -> list[StackBand]:
    """Return the bands of a stack, layer by layer.

    Parameters
    ----------
    layers : sequence of Raster
    mapping : iterable of str
        Items of `key=value` with blanks between: `role` and `from` (layer, or layer:band, both from 1) name a band;
        `role` alone means the band that has the role already, and `layer` all bands of a layer; `resampling` and
        `step` say how they are treated.
    resampling : str
        Method of the bands for which the mapping says none.

    Raises
    ------
    InvalidOptionError
        If an item cannot be understood, or names what is not there.
    InvalidRasterError
        If a band's role is not known, is one that no stack may have, or is that of another band as well.
    """
    items = [_parsed(text) for text in mapping]
    bands = _chosen(layers, items)
    by_layer = {_layer_of(item, item.layer, layers): item.resampling for item in items if item.layer}
    by_role = {item.role: item for item in items if item.role}
    unknown = [role for role in by_role if role not in {band.role for band in bands}]
    if unknown:
        raise InvalidOptionError(
            f"Option `mapping` names the role {unknown[0]}, which no band has; say where it comes from, such as "
            f"`role={unknown[0]} from=1:1`. Roles are: {', '.join(band.role for band in bands)}."
        )
    _check_roles(bands, layers)
    nothing = _Item("")
    return [
        StackBand(
            band.role,
            band.layer,
            band.index,
            by_role.get(band.role, nothing).resampling or by_layer.get(band.layer, "") or resampling,
            by_role.get(band.role, nothing).step,
        )
        for band in bands
    ]


def method(band: StackBand, raster: Raster, place: Placement) -> str:
    """Return how a band is resampled: what was asked for or, if that is up to us, what suits it.

    Pixels that coincide are copied whatever was asked for.
    """
    if place.coincides:
        return "nearest"
    if band.resampling != AUTOMATIC:
        return band.resampling
    if is_class(band, raster):
        return "nearest"
    if place.is_coarser:
        return "average"
    # The creases of a bilinear surface would show in everything that is derived from it.
    return "cubic" if band.role == ELEVATION else "bilinear"


def is_class(band: StackBand, raster: Raster) -> bool:
    """Whether the numbers of a band are names of classes, which have no means."""
    return band.role.lower() in CLASSES or raster.has_classes(band.index)


def _chosen(layers: Sequence[Raster], items: Sequence[_Item]) -> list[StackBand]:
    """Return the bands that items take from layers and, of the layers of which none takes any, all bands."""
    taken = [(_origin(item, layers), item.role) for item in items if item.origin]
    restricted = {layer for (layer, _), _ in taken}
    bands: list[StackBand] = []
    for number, raster in enumerate(layers):
        if number in restricted:
            bands += [StackBand(role, number, index, AUTOMATIC) for (at, index), role in taken if at == number]
        else:
            bands += [StackBand(role, number, index, AUTOMATIC) for index, role in enumerate(raster.roles)]
    return bands


def _check_roles(bands: Sequence[StackBand], layers: Sequence[Raster]) -> None:
    where = {band: _where(band, layers) for band in bands}
    seen: dict[str, StackBand] = {}
    for band in bands:
        if _UNDESCRIBED.fullmatch(band.role):
            raise InvalidRasterError(
                f"{where[band]} has no description, so that its role is not known. State it in option `mapping`: "
                f"`role=coherence from={band.layer + 1}:{band.index + 1}`."
            )
        if band.role == HEATMAP or band.role.startswith(f"{HEATMAP}_"):
            raise InvalidRasterError(
                f"{where[band]} is a heatmap, which a model makes of a stack; leave it out of the layers."
            )
        if band.role.lower() in _ASPECTS:
            raise InvalidRasterError(
                f"{where[band]} holds an aspect in degrees. 359 and 1 degrees are neighbours, but their mean is 180: "
                "give sine and cosine, the bands aspect_sin and aspect_cos that *Terrain attributes from a DEM* writes."
            )
        if band.role == ELEVATION and stated_unit(layers[band.layer], band.index) != 1:
            raise InvalidRasterError(
                f"{where[band]} states its elevations in another unit than metres; take the elevation that *Terrain "
                "attributes from a DEM* writes, which is in metres."
            )
        if band.role in seen:
            raise InvalidRasterError(
                f"Two bands have the role {band.role}: {where[seen[band.role]]} and {where[band]}. Give one of them "
                f"another role in option `mapping` (`role={band.role}_2 from={band.layer + 1}:{band.index + 1}`), or "
                "name there the bands wanted of one layer."
            )
        seen[band.role] = band


def _where(band: StackBand, layers: Sequence[Raster]) -> str:
    return f"Band {band.index + 1} of {layers[band.layer].path}"


def _parsed(text: str) -> _Item:
    fields = {}
    for word in text.split():
        key, equals, value = word.partition("=")
        if key not in _KEYS or not equals or not value or key in fields:
            raise InvalidOptionError(_not_understood(text, f"{word!r} is none of its parts"))
        fields[key] = value
    if ("role" in fields) == ("layer" in fields) or ("from" in fields and "role" not in fields):
        raise InvalidOptionError(_not_understood(text, "it must have a role or a layer"))
    resampling = fields.get("resampling", "")
    if resampling and resampling not in RESAMPLINGS:
        raise InvalidOptionError(_not_understood(text, f"resampling must be one of {', '.join(RESAMPLINGS)}"))
    role = role_of(fields.get("role", ""), "", 0) if "role" in fields else ""
    return _Item(text, role, fields.get("from", ""), fields.get("layer", ""), resampling, _step(text, fields))


def _step(text: str, fields: dict[str, str]) -> float:
    if "step" not in fields:
        return 0.0
    try:
        step = float(fields["step"])
    except ValueError:
        step = 0.0
    if "role" not in fields or not 0 < step < float("inf"):
        raise InvalidOptionError(_not_understood(text, "step must be a number above 0, beside a role"))
    return step


def _not_understood(text: str, why: str) -> str:
    return (
        f"Option `mapping` has {text!r}, which cannot be understood: {why}. Items look like "
        "`role=B04 from=1:3 resampling=average step=0.0001` or `layer=2 resampling=nearest`."
    )


def _origin(item: _Item, layers: Sequence[Raster]) -> tuple[int, int]:
    """Return the layer and the band, both from 0, that an item takes."""
    name, colon, number = item.origin.rpartition(":")
    layer = _layer_of(item, name if colon else item.origin, layers)
    count = len(layers[layer].bands)
    if not colon and count == 1:
        return layer, 0
    if not (colon and number.isdecimal() and 1 <= int(number) <= count):
        raise InvalidOptionError(
            f"Option `mapping` has {item.text!r}, but {layers[layer].path} has {count} bands: name one of them as "
            f"`from={layer + 1}:1`."
        )
    return layer, int(number) - 1


def _layer_of(item: _Item, name: str, layers: Sequence[Raster]) -> int:
    """Return the layer, from 0, that a number from 1 or a file name without suffix means."""
    if name.isdecimal() and 1 <= int(name) <= len(layers):
        return int(name) - 1
    stems = [Path(raster.path).stem for raster in layers]
    if stems.count(name) == 1:
        return stems.index(name)
    raise InvalidOptionError(
        f"Option `mapping` has {item.text!r}, but there is no layer {name}: give a number from 1 to {len(layers)}, or "
        f"one of {', '.join(stems)}."
    )
