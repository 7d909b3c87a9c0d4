"""A model's card as text for a person, or what can be said of a model that has none."""

from __future__ import annotations

import itertools
import textwrap
from dataclasses import dataclass, field

from .card import ModelCard, ModelClass, Normalisation
from .onnxfile import OnnxFile

_WIDTH = 100
_INDENT = 22
_UNITS = {
    "coherence": "0 to 1",
    "elevation": "metres",
    "slope": "degrees",
    "profile_curvature": "per 100 m",
    "plan_curvature": "per 100 m",
    "hillshade": "0 to 255",
}
_UNITS_BY_BEGINNING = {"tpi": "metres", "aspect": "-1 to 1", "roughness": "metres"}
_OPTICAL = ("B02", "B03", "B04", "B08", "B11", "B12")
# Reflectance hardly exceeds 1; the numbers of 8-bit pictures and of scaled reflectance go far beyond.
_REFLECTANCE_BELOW = 3.0
_ACTIVATIONS = {
    "none": "the network's numbers are probabilities as they are",
    "sigmoid": "a sigmoid turns the network's numbers into probabilities",
    "softmax": "a softmax turns the network's numbers into probabilities",
}


@dataclass
class Section:
    """A titled list of labels and texts."""

    title: str
    lines: list[tuple[str, str]] = field(default_factory=list)

    def add(self, label: str, text: str) -> None:
        """Append a line, unless there is nothing to say."""
        if text:
            self.lines.append((label, text))

    def text(self) -> str:
        """Return the section as lines of at most 100 characters, with an empty one behind."""
        shown = itertools.chain.from_iterable(_wrapped(label, text) for label, text in self.lines)
        return "\n".join([self.title, *shown, ""])


def described_card(card: ModelCard) -> list[Section]:
    """Return what a card says, in the order in which a user needs it."""
    sections = [_about(card), _input(card), _output(card), _tiles(card), _training(card), *_accuracy(card)]
    return [section for section in sections if section.lines]


def described_without_card(file: OnnxFile) -> list[Section]:
    """Return what is known of a model without a usable card, and what its user must state."""
    section = Section("No card")
    section.add("unknown", "the bands and their order, their normalisation, the pixel size, the classes")
    section.add("bands", _number_of_bands(file))
    section.add(
        "to run it",
        "State what its author says: the roles of its bands in order, and the mean and standard deviation of each "
        "(stage heatmap, options bands, mean and std; toolbox, node Heatmap, advanced parameters). Its last output "
        "channel is taken for the class to be mapped.",
    )
    return [section]


def _about(card: ModelCard) -> Section:
    section = Section("About")
    section.add("name", card.name)
    section.add("title", card.title)
    section.add("description", card.description)
    section.add("licence", card.licence)
    section.add("created", card.created)
    return section


def _input(card: ModelCard) -> Section:
    section = Section("Input")
    distance = card.ground_sample_distance
    section.add(
        "pixel size",
        f"{distance:g} m; up to {card.tolerance:.0%} more or less is accepted"
        if distance is not None
        else "not stated; any is accepted",
    )
    for number, band in enumerate(card.normalisation, start=1):
        role = card.roles[number - 1] if card.roles else ""
        label = f"band {number}" if card.roles or len(card.normalisation) > 1 else "every band"
        absent = "may be absent" if any(role in source for source in card.optional) else ""
        section.add(label, "; ".join(filter(None, [role, _unit(role, band), absent, _preparation(band)])))
    if not card.roles:
        section.add("order", "The card does not name the bands: the stack's are taken in their order.")
    if card.optional:
        sources = " or ".join(", ".join(source) for source in card.optional)
        section.add("may be absent", f"{sources}; the mean takes their place, and the heatmap is less accurate")
    section.add(
        "invalid pixels",
        "replaced by the mean, and nodata in the heatmap"
        + (" unless only what may be absent has no value there" if card.optional else ""),
    )
    return section


def _output(card: ModelCard) -> Section:
    section = Section("Output")
    for number, item in enumerate(card.classes, start=1):
        section.add(f"class {number}", _shown_class(item))
    if not card.classes:
        section.add("classes", "not stated; the last output channel is taken for the one that is mapped")
    section.add("values", _ACTIVATIONS[card.activation])
    return section


def _tiles(card: ModelCard) -> Section:
    section = Section("Tiles")
    distance = card.ground_sample_distance
    metres = f" ({card.halo * distance:g} m)" if card.halo is not None and distance is not None else ""
    halo = f"{card.halo} pixels{metres} around a pixel decide on it, at most"
    section.add("sees", halo if card.halo is not None else "not stated; measured before the first tile")
    section.add("sizes", f"multiples of {card.stride} pixels" if card.stride is not None else "not stated")
    return section


def _training(card: ModelCard) -> Section:
    section = Section("Training")
    section.add("architecture", card.architecture)
    section.add("data", card.training_data or "not stated")
    section.add("area", card.training_area or "not stated")
    for split in card.splits:
        section.add(
            split.name,
            f"{split.chips} chips of {split.landforms} landforms, {split.pixels:,} pixels, {split.share:.2%} of them "
            "rock glacier",
        )
    section.add("seed", "" if card.seed is None else str(card.seed))
    return section


def _accuracy(card: ModelCard) -> list[Section]:
    """Return one section for all figures that were measured alike."""
    sections = []
    for (data, how), metrics in itertools.groupby(card.metrics, key=lambda metric: (metric.data, metric.how)):
        section = Section("Accuracy")
        for metric in metrics:
            section.add(metric.name, f"{metric.value:.4g}")
        section.add("measured on", data)
        section.add("how", how)
        sections.append(section)
    return [*(sections or [Section("Accuracy", [("", "no figures stated")])]), _reliability(card)]


def _reliability(card: ModelCard) -> Section:
    section = Section("Reliability of the probabilities")
    for item in card.reliability:
        section.add(f"{item.predicted:.2f}", f"{item.observed:.2f} is rock glacier ({item.pixels:,} pixels)")
    return section


def _shown_class(item: ModelClass) -> str:
    named = f"{item.name} ({item.title})" if item.title else item.name
    return f"{named}, shown as {item.colour}" + (", the one that is mapped" if item.target else "")


def _unit(role: str, band: Normalisation) -> str:
    """Return the unit that a band must have, as far as its role tells."""
    if role in _OPTICAL:
        largest = band.maximum if band.maximum is not None else band.mean + band.std
        return "reflectance" if largest < _REFLECTANCE_BELOW else "numbers of a picture"
    by_beginning = (unit for beginning, unit in _UNITS_BY_BEGINNING.items() if role.startswith(beginning))
    return _UNITS.get(role) or next(by_beginning, "")


def _preparation(band: Normalisation) -> str:
    clip = ""
    if band.minimum is not None and band.maximum is not None:
        clip = f"clipped to {band.minimum:g} to {band.maximum:g}, "
    elif band.minimum is not None:
        clip = f"clipped from {band.minimum:g} up, "
    elif band.maximum is not None:
        clip = f"clipped up to {band.maximum:g}, "
    return f"{clip}mean {band.mean:g}, standard deviation {band.std:g}"


def _number_of_bands(file: OnnxFile) -> str:
    shapes = [tensor.shape for tensor in file.inputs]
    if len(shapes) == 1 and len(shapes[0]) > 1:
        return f"{shapes[0][1]} in number" if shapes[0][1].isdigit() else "any number"
    return "no image is taken; the model cannot be run here"


def _wrapped(label: str, text: str) -> list[str]:
    """Return a label with its text beside it; what would steer a terminal is taken out of them."""
    head = f"  {_printable(label)}".ljust(_INDENT)
    if len(head) > _INDENT:
        head += "  "
    return textwrap.wrap(
        _printable(text),
        _WIDTH,
        initial_indent=head,
        subsequent_indent=" " * _INDENT,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)
