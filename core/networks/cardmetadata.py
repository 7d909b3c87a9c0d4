"""A model's card as metadata of its ONNX file.

It is written twice: as the properties of a STAC item with the Machine Learning Model extension (MLM) 1.5 under one key,
and as the keys of the Deepness plugin. The first is read where it exists, the second otherwise.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..errors import InvalidModelError
from ..rasters.roles import role_of
from .card import Metric, ModelCard, ModelClass, Normalisation, Reliability, Split
from .cardfields import field, mapping, parse_json

STAC_KEY = "stac_mlm"
DEEPNESS_KEY = "model_type"

_OWN = "rock_glacier_mapper:"
_DEEPNESS_HEATMAPS = ("Segmentor", "Regressor")
_DEEPNESS_READ = (DEEPNESS_KEY, "class_names", "resolution", "standardization_mean", "standardization_std")
_DEEPNESS_SCALE = 255.0
_DEEPNESS_TILE = 512


def read_card(metadata: Mapping[str, str]) -> ModelCard | None:
    """Read the card from the metadata of an ONNX file.

    Parameters
    ----------
    metadata : mapping of str to str
        The custom metadata of the model; every value is JSON.

    Returns
    -------
    ModelCard or None
        None where the model carries no card that this software knows.

    Raises
    ------
    InvalidModelError
        If the card is not valid JSON, lacks what it must say, or describes a model that gives no heatmap.
    """
    if STAC_KEY in metadata:
        return _card_from_stac(mapping(parse_json(metadata, STAC_KEY), STAC_KEY))
    if DEEPNESS_KEY in metadata:
        return _card_from_deepness(metadata)
    return None


def card_metadata(card: ModelCard) -> dict[str, str]:
    """Return the card as ONNX metadata, as STAC properties and as Deepness keys; every value is JSON."""
    values = {STAC_KEY: stac_properties(card), **_deepness_properties(card)}
    return {key: json.dumps(value, ensure_ascii=False, allow_nan=False) for key, value in values.items()}


def stac_properties(card: ModelCard) -> dict[str, Any]:
    """Return the card as properties of a STAC item with the MLM extension.

    What MLM has no field for has the prefix `rock_glacier_mapper:`.
    """
    return {
        "title": card.title,
        "description": card.description,
        "datetime": f"{card.created}T00:00:00Z" if card.created else None,
        "created": f"{card.created}T00:00:00Z" if card.created else None,
        "license": card.licence,
        "gsd": card.ground_sample_distance,
        "mlm:name": card.name,
        "mlm:architecture": card.architecture,
        "mlm:framework": "ONNX",
        "mlm:tasks": ["semantic-segmentation"],
        "mlm:input": [_stac_input(card)],
        "mlm:output": [_stac_output(card)],
        f"{_OWN}tolerance": card.tolerance,
        f"{_OWN}halo": card.halo,
        f"{_OWN}stride": card.stride,
        f"{_OWN}nodata": card.nodata,
        f"{_OWN}training_data": card.training_data,
        f"{_OWN}training_area": card.training_area,
        f"{_OWN}metrics": [asdict(metric) for metric in card.metrics],
        **_stated(card),
    }


def _stated(card: ModelCard) -> dict[str, Any]:
    """Return what only some cards state."""
    values = {
        "optional": [list(source) for source in card.optional],
        "splits": [asdict(split) for split in card.splits],
        "seed": card.seed,
        "reliability": [asdict(item) for item in card.reliability],
    }
    return {f"{_OWN}{key}": value for key, value in values.items() if value not in ([], None)}


def _stac_input(card: ModelCard) -> dict[str, Any]:
    return {
        "name": "stack",
        "bands": list(card.roles),
        "input": {
            "shape": [-1, len(card.roles) or -1, -1, -1],
            "dim_order": ["batch", "channel", "height", "width"],
            "data_type": "float32",
        },
        "value_scaling": [{"type": "z-score", "mean": band.mean, "stddev": band.std} for band in card.normalisation],
        f"{_OWN}clip": [[band.minimum, band.maximum] for band in card.normalisation],
    }


def _stac_output(card: ModelCard) -> dict[str, Any]:
    return {
        "name": "heatmap",
        "tasks": ["semantic-segmentation"],
        "result": {
            "shape": [-1, len(card.classes) or -1, -1, -1],
            "dim_order": ["batch", "channel", "height", "width"],
            "data_type": "float32",
        },
        "classification:classes": [
            {
                "value": value,
                "name": item.name,
                "title": item.title,
                "color_hint": item.colour.lstrip("#").upper(),
                f"{_OWN}target": item.target,
            }
            for value, item in enumerate(card.classes)
        ],
        f"{_OWN}activation": card.activation,
    }


def _deepness_properties(card: ModelCard) -> dict[str, Any]:
    """Return the keys of the Deepness plugin, which divides every input by 255 before it standardises."""
    values: dict[str, Any] = {
        DEEPNESS_KEY: "Segmentor",
        "class_names": {str(value): item.name for value, item in enumerate(card.classes)},
        "tile_size": _DEEPNESS_TILE,
        "tiles_size": _DEEPNESS_TILE,
        "standardization_mean": [band.mean / _DEEPNESS_SCALE for band in card.normalisation],
        "standardization_std": [band.std / _DEEPNESS_SCALE for band in card.normalisation],
    }
    if card.ground_sample_distance is not None:
        values["resolution"] = card.ground_sample_distance * 100
    if card.halo is not None:
        values["tiles_overlap"] = min(math.ceil(100 * 2 * card.halo / _DEEPNESS_TILE), 80)
    return values


def _card_from_stac(properties: Mapping[str, Any]) -> ModelCard:
    source = _only(properties, "mlm:input")
    output = _only(properties, "mlm:output")
    roles = tuple(role_of(_role(band), "", number) for number, band in enumerate(field(source, "bands", list), 1))
    return ModelCard(
        name=field(properties, "mlm:name", str),
        title=field(properties, "title", str, ""),
        description=field(properties, "description", str, ""),
        roles=roles,
        normalisation=_stac_normalisation(source, len(roles)),
        ground_sample_distance=field(properties, "gsd", float, None),
        tolerance=field(properties, f"{_OWN}tolerance", float, 0.25),
        halo=field(properties, f"{_OWN}halo", int, None),
        stride=field(properties, f"{_OWN}stride", int, None),
        classes=_stac_classes(field(output, "classification:classes", list)),
        activation=field(output, f"{_OWN}activation", str, "none"),
        nodata=field(properties, f"{_OWN}nodata", str, "mean"),
        architecture=field(properties, "mlm:architecture", str, "unknown"),
        training_data=field(properties, f"{_OWN}training_data", str, ""),
        training_area=field(properties, f"{_OWN}training_area", str, ""),
        licence=field(properties, "license", str, ""),
        metrics=tuple(_metric(item) for item in field(properties, f"{_OWN}metrics", list, [])),
        created=field(properties, "created", str, "")[:10],
        optional=tuple(_source(item) for item in field(properties, f"{_OWN}optional", list, [])),
        splits=tuple(_split(item) for item in field(properties, f"{_OWN}splits", list, [])),
        seed=field(properties, f"{_OWN}seed", int, None),
        reliability=tuple(_reliability(item) for item in field(properties, f"{_OWN}reliability", list, [])),
    )


def _only(properties: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the single element of a list of inputs or outputs."""
    items = field(properties, key, list)
    if len(items) != 1:
        raise InvalidModelError(f"The model card's `{key}` lists {len(items)} entries; exactly one is supported.")
    return mapping(items[0], key)


def _role(band: Any) -> str:
    """Return the role of a band, which MLM writes as a text or as an object; expressions are not supported."""
    if isinstance(band, str):
        return band
    fields = mapping(band, "bands")
    if fields.get("expression") is not None:
        raise InvalidModelError(
            f"The model card computes band {fields.get('name')!r} by an expression, which is not supported. "
            "Put the computed band into the stack and name its role in the card."
        )
    return str(field(fields, "name", str))


def _stac_normalisation(source: Mapping[str, Any], count: int) -> tuple[Normalisation, ...]:
    """Return one normalisation a band; a single entry is meant for all of them."""
    scalings = field(source, "value_scaling", list, []) or [{"type": None}]
    clips = field(source, f"{_OWN}clip", list, []) or [[None, None]]
    length = count or max(len(scalings), len(clips))
    return tuple(
        _with_clip(_scaling(mapping(scaling, "value_scaling")), clip)
        for scaling, clip in zip(
            _spread(scalings, length, "value_scaling"), _spread(clips, length, f"{_OWN}clip"), strict=True
        )
    )


def _spread(items: Sequence[Any], length: int, key: str) -> Sequence[Any]:
    if len(items) not in (1, length):
        raise InvalidModelError(
            f"The model card's `{key}` has {len(items)} entries for {length} bands; there must be one, or one a band."
        )
    return items if len(items) == length else list(items) * length


def _scaling(scaling: Mapping[str, Any]) -> Normalisation:
    """Return a value scaling of MLM as mean, standard deviation and clip."""

    def number(key: str) -> float:
        return float(field(scaling, key, float))

    kind = scaling.get("type")
    match kind:
        case None:
            return Normalisation()
        case "z-score":
            return Normalisation(number("mean"), number("stddev"))
        case "min-max":
            return Normalisation(number("minimum"), number("maximum") - number("minimum"))
        case "offset":
            return Normalisation(mean=number("value"))
        case "scale":
            return Normalisation(std=number("value"))
        case "clip":
            return Normalisation(minimum=number("minimum"), maximum=number("maximum"))
        case "clip-min":
            return Normalisation(minimum=number("minimum"))
        case "clip-max":
            return Normalisation(maximum=number("maximum"))
    raise InvalidModelError(
        f"The model card asks for the value scaling {kind!r}, which is not supported. "
        "Supported are z-score, min-max, clip, clip-min, clip-max, offset and scale."
    )


def _with_clip(normalisation: Normalisation, clip: Any) -> Normalisation:
    if not isinstance(clip, list) or len(clip) != 2:
        raise InvalidModelError(f"The model card's clip of a band must be [minimum, maximum], but {clip!r} was given.")
    limits = {"minimum": clip[0], "maximum": clip[1]}
    minimum = field(limits, "minimum", float, normalisation.minimum)
    maximum = field(limits, "maximum", float, normalisation.maximum)
    return Normalisation(normalisation.mean, normalisation.std, minimum, maximum)


def _stac_classes(items: Sequence[Any]) -> tuple[ModelClass, ...]:
    """Return the classes in the order of their values; of a card that marks no target, the likeliest one."""
    fields = sorted(
        (mapping(item, "classification:classes") for item in items), key=lambda item: int(field(item, "value", int))
    )
    marked = any(item.get(f"{_OWN}target") for item in fields)
    likeliest = fields[_likeliest([str(item.get("name")) for item in fields])] if fields else None
    return tuple(
        ModelClass(
            name=field(item, "name", str),
            title=field(item, "title", str, ""),
            colour="#" + field(item, "color_hint", str, "d7191c").lower(),
            target=field(item, f"{_OWN}target", bool, False) if marked else item is likeliest,
        )
        for item in fields
    )


def _likeliest(names: Sequence[str]) -> int:
    """Return the position of the class that is meant where none is marked: rock glaciers, else the last."""
    plain = ["".join(filter(str.isalpha, name.lower())) for name in names]
    return next((place for place, name in enumerate(plain) if "rockglacier" in name), len(names) - 1)


def _metric(item: Any) -> Metric:
    fields = mapping(item, "metrics")
    return Metric(
        field(fields, "name", str),
        field(fields, "value", float),
        field(fields, "data", str, ""),
        field(fields, "how", str, ""),
    )


def _source(item: Any) -> tuple[str, ...]:
    if not isinstance(item, list) or not all(isinstance(role, str) for role in item):
        raise InvalidModelError(f"The model card's `{_OWN}optional` must hold lists of roles, but holds {item!r}.")
    return tuple(role_of(role, "", 0) for role in item)


def _split(item: Any) -> Split:
    fields = mapping(item, "splits")
    chips, landforms, pixels = (field(fields, key, int) for key in ("chips", "landforms", "pixels"))
    return Split(field(fields, "name", str), chips, landforms, pixels, field(fields, "share", float))


def _reliability(item: Any) -> Reliability:
    fields = mapping(item, "reliability")
    return Reliability(
        field(fields, "predicted", float), field(fields, "observed", float), field(fields, "pixels", int)
    )


def _card_from_deepness(metadata: Mapping[str, str]) -> ModelCard:
    values = {key: parse_json(metadata, key) for key in _DEEPNESS_READ if key in metadata}
    kind = field(values, DEEPNESS_KEY, str)
    if kind not in _DEEPNESS_HEATMAPS:
        raise InvalidModelError(
            f"The model says that it is a {kind}, which gives no heatmap. "
            f"A {' or a '.join(_DEEPNESS_HEATMAPS)} is needed."
        )
    resolution = field(values, "resolution", float, None)
    return ModelCard(
        name="model",
        title=f"{kind} for the Deepness plugin",
        roles=(),
        normalisation=_deepness_normalisation(values),
        ground_sample_distance=None if resolution is None else resolution / 100,
        classes=_deepness_classes(values.get("class_names")),
    )


def _deepness_normalisation(values: Mapping[str, Any]) -> tuple[Normalisation, ...]:
    means = field(values, "standardization_mean", list, []) or [0.0]
    stds = field(values, "standardization_std", list, []) or [1.0]
    length = max(len(means), len(stds))
    pairs = zip(
        _spread(means, length, "standardization_mean"), _spread(stds, length, "standardization_std"), strict=True
    )
    return tuple(
        Normalisation(
            field({"standardization_mean": mean}, "standardization_mean", float) * _DEEPNESS_SCALE,
            field({"standardization_std": std}, "standardization_std", float) * _DEEPNESS_SCALE,
        )
        for mean, std in pairs
    )


def _deepness_classes(names: Any) -> tuple[ModelClass, ...]:
    """Return the classes of the first output; none is marked, and background comes first."""
    first = names[0] if isinstance(names, list) and names else names
    by_value = mapping(first, "class_names") if first else {}
    try:
        ordered = [str(by_value[key]) for key in sorted(by_value, key=int)]
    except ValueError as error:
        raise InvalidModelError(
            f'The model\'s `class_names` must be numbered by channel, as in {{"0": "background"}}, but is {first!r}.'
        ) from error
    target = _likeliest(ordered)
    return tuple(ModelClass(name, target=place == target) for place, name in enumerate(ordered))
