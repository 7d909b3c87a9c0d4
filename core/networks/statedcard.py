"""The card that a network is run with: its own, completed by what its user states where it says nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ..contracts.heatmap import HeatmapOptions
from ..errors import InvalidOptionError, ModelMismatchError
from ..rasters.roles import role_of
from .card import ModelCard, Normalisation
from .cardmetadata import read_card
from .network import Network

Item = TypeVar("Item")

_AS_THE_CARD = "card"


def card_for(network: Network, options: HeatmapOptions) -> ModelCard:
    """Return what a network needs and gives.

    Parameters
    ----------
    network : Network
        The network, with the card among its metadata if it has one.
    options : HeatmapOptions
        What the user states: bands, mean, std and activation.

    Raises
    ------
    ModelMismatchError
        If neither the card nor the user says which bands there are and how they are normalised.
    InvalidOptionError
        If the user states something else than the card, or numbers that do not fit the bands.
    InvalidModelError
        If the card cannot be understood.
    """
    card = read_card(network.metadata)
    if card is None:
        if not (options.bands and options.mean and options.std):
            raise no_card(network.name)
        card = ModelCard(name=network.name, roles=(), normalisation=(Normalisation(),), classes=())
    card = _with_roles(card, options.bands, network.name)
    card = _with_normalisation(card, options, network.name)
    return _with_activation(card, options.activation, network.name)


def no_card(name: str) -> ModelMismatchError:
    """Return the error of a model that does not say what it needs."""
    return ModelMismatchError(
        f"The model {name} has no card: it does not say which bands it needs and how to normalise them. "
        "State what its author says with the options bands, mean and std of the stage heatmap, or write a card into "
        "its metadata, as STAC MLM or as the Deepness plugin's keys (model_type, class_names, standardization_mean, "
        "standardization_std, resolution)."
    )


def _with_roles(card: ModelCard, bands: Sequence[str], name: str) -> ModelCard:
    if not bands:
        return card
    roles = tuple(role_of(band, "", number) for number, band in enumerate(bands, start=1))
    if card.roles:
        _refuse_other("bands", " ".join(roles), " ".join(card.roles), name)
    return replace(
        card, roles=roles, normalisation=_one_a_band("the card's normalisation", card.normalisation, len(roles))
    )


def _with_normalisation(card: ModelCard, options: HeatmapOptions, name: str) -> ModelCard:
    if not options.mean and not options.std:
        return card
    if not (options.mean and options.std):
        raise InvalidOptionError("The options `mean` and `std` belong together; state both.")
    mean, std = _numbers("mean", options.mean), _numbers("std", options.std)
    count = len(card.roles) or max(len(mean), len(std), len(card.normalisation))
    stated = tuple(
        replace(band, mean=centre, std=spread)
        for band, centre, spread in zip(
            _one_a_band("the card's normalisation", card.normalisation, count),
            _one_a_band("`mean`", mean, count),
            _one_a_band("`std`", std, count),
            strict=True,
        )
    )
    if any((band.mean, band.std) != (0.0, 1.0) for band in card.normalisation):
        _refuse_other("mean and std", _shown(stated), _shown(card.normalisation), name)
    return replace(card, normalisation=stated)


def _with_activation(card: ModelCard, activation: str, name: str) -> ModelCard:
    if activation == _AS_THE_CARD:
        return card
    if card.activation != "none":
        _refuse_other("activation", activation, card.activation, name)
    return replace(card, activation=activation)


def _refuse_other(what: str, stated: str, known: str, name: str) -> None:
    if stated != known:
        raise InvalidOptionError(
            f"The options state the {what} {stated}, but the card of {name} says {known}. "
            "Leave the options out; they are for what a card does not say."
        )


def _numbers(option: str, texts: Sequence[str]) -> tuple[float, ...]:
    """Return the numbers of an option; standard deviations must be positive."""
    numbers = []
    for text in texts:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or (option == "std" and number <= 0):
            kind = "positive numbers" if option == "std" else "numbers"
            raise InvalidOptionError(f"Option `{option}` must hold {kind}, but {text!r} was given.")
        numbers.append(number)
    return tuple(numbers)


def _one_a_band(what: str, items: Sequence[Item], count: int) -> tuple[Item, ...]:
    if len(items) not in (1, count):
        raise InvalidOptionError(
            f"There are {count} bands, but {len(items)} values in {what}; give one a band, or one for all."
        )
    return tuple(items) * (count // len(items))


def _shown(bands: Sequence[Normalisation]) -> str:
    return ", ".join(f"{band.mean:g} and {band.std:g}" for band in bands)
