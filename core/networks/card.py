"""The card of a model: what a network needs as input, what it gives, and how it was trained and scored."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import InvalidModelError

ACTIVATIONS = ("none", "sigmoid", "softmax")


@dataclass(frozen=True)
class Normalisation:
    """How one band is prepared: (value clipped to minimum..maximum - mean) / std.

    All four are in the band's physical units (reflectance 0..1, degrees, metres; 0..255 for an 8-bit picture).
    """

    mean: float = 0.0
    std: float = 1.0
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class ModelClass:
    """One output channel: its name in files, its title for people, and its colour as `#rrggbb`."""

    name: str
    title: str = ""
    colour: str = "#d7191c"
    target: bool = False


@dataclass(frozen=True)
class Metric:
    """A figure of accuracy, the data it was measured on, and how."""

    name: str
    value: float
    data: str
    how: str


@dataclass(frozen=True)
class Split:
    """Samples of one purpose: `train`, `validation` or `test`.

    Attributes
    ----------
    name : str
        The purpose.
    chips, landforms : int
        How many chips, and how many landforms these were taken for.
    pixels : int
        Pixels that count.
    share : float
        Share of them that is rock glacier, 0..1.
    """

    name: str
    chips: int
    landforms: int
    pixels: int
    share: float


@dataclass(frozen=True)
class Reliability:
    """Pixels to which a network gives similar probabilities: mean, share that is rock glacier, number."""

    predicted: float
    observed: float
    pixels: int


@dataclass(frozen=True)
class ModelCard:
    """What must be known of a network to run it and to judge its result.

    Attributes
    ----------
    name, title, description : str
        Identifier, title and summary.
    roles : tuple of str
        Roles of the input bands, in order. Empty: unknown, the stack's bands are taken in their order.
    normalisation : tuple of Normalisation
        One a band. One alone where the roles are unknown holds for every band.
    ground_sample_distance : float or None
        Pixel size that the network was trained for, in metres. None: not stated.
    tolerance : float
        Largest relative difference from the ground sample distance that is accepted.
    halo : int or None
        Pixels of context that an output pixel depends on, a multiple of the stride. None: not stated.
    stride : int or None
        Input sizes must be multiples of it. None: not stated.
    classes : tuple of ModelClass
        One an output channel, exactly one of them the target. Empty: not stated.
    activation : str
        What is still to be applied to the output: `none` if it already is a probability, `sigmoid` or `softmax`.
    nodata : str
        What replaces an invalid pixel. Always `mean`: zero after normalisation; it is masked in the output.
    architecture, training_data, training_area, licence, created : str
        Provenance; `created` is an ISO 8601 date.
    metrics : tuple of Metric
        Figures of accuracy.
    optional : tuple of tuple of str
        Sources that a stack may lack: the roles of each. The network gets 0, the mean, in their place.
    splits : tuple of Split
        The samples that it was trained and judged on.
    seed : int or None
        Seed of the training. None: not stated.
    reliability : tuple of Reliability
        How far its probabilities hold, in ascending order, on the split that the figures of accuracy name.

    Raises
    ------
    InvalidModelError
        If the values contradict each other or are out of range.
    """

    name: str
    roles: tuple[str, ...]
    normalisation: tuple[Normalisation, ...]
    classes: tuple[ModelClass, ...]
    title: str = ""
    description: str = ""
    ground_sample_distance: float | None = None
    tolerance: float = 0.25
    halo: int | None = None
    stride: int | None = None
    activation: str = "none"
    nodata: str = "mean"
    architecture: str = "unknown"
    training_data: str = ""
    training_area: str = ""
    licence: str = ""
    metrics: tuple[Metric, ...] = ()
    created: str = ""
    optional: tuple[tuple[str, ...], ...] = ()
    splits: tuple[Split, ...] = ()
    seed: int | None = None
    reliability: tuple[Reliability, ...] = ()

    def __post_init__(self) -> None:
        """Refuse contradictions."""
        _check_input(self)
        _check_output(self)

    @property
    def target(self) -> ModelClass:
        """The class that the heatmap shows."""
        return next(item for item in self.classes if item.target)

    @property
    def required_roles(self) -> tuple[str, ...]:
        """The roles of the bands that a stack must have."""
        absent = {role for source in self.optional for role in source}
        return tuple(role for role in self.roles if role not in absent)

    def accepts(self, ground_sample_distance: float) -> bool:
        """Whether a pixel size in metres is within the tolerance of the one that the network was trained for."""
        expected = self.ground_sample_distance
        return expected is None or abs(ground_sample_distance / expected - 1) <= self.tolerance

    def target_channel(self, channels: int) -> int:
        """Return the index of the target class among the network's output channels.

        A network with one channel shows the target, whatever other classes are named.

        Raises
        ------
        InvalidModelError
            If the card names another number of classes than the network has channels.
        """
        if channels == 1:
            return 0
        if channels != len(self.classes):
            raise InvalidModelError(
                f"The model gives {channels} channels, but its card names {len(self.classes)} classes "
                f"({', '.join(item.name for item in self.classes)}). The card must name one class a channel."
            )
        return self.classes.index(self.target)

    def with_classes(self, channels: int) -> ModelCard:
        """Return the card with a class for each of the network's channels where it states none; the last is the target.

        Background comes first by custom, so that the last channel is the likeliest to be meant.
        """
        if self.classes:
            return self
        names = [f"channel_{number}" for number in range(1, channels + 1)]
        return replace(self, classes=tuple(ModelClass(name, target=name == names[-1]) for name in names))


def _check_input(card: ModelCard) -> None:
    if len(set(card.roles)) != len(card.roles):
        raise InvalidModelError(f"The model card names a band role twice: {', '.join(card.roles)}.")
    if not card.normalisation or (card.roles and len(card.normalisation) != len(card.roles)):
        raise InvalidModelError(
            f"The model card has {len(card.normalisation)} normalisations for {len(card.roles)} bands. "
            "There must be one a band."
        )
    _check_optional(card)
    for band in card.normalisation:
        if not band.std > 0:
            raise InvalidModelError(f"The model card's standard deviations must be positive, but one is {band.std:g}.")
        if band.minimum is not None and band.maximum is not None and not band.minimum < band.maximum:
            raise InvalidModelError(
                f"The model card clips a band to {band.minimum:g}..{band.maximum:g}, which is empty."
            )
    _check_at_least(card.halo, 0, "halo")
    _check_at_least(card.stride, 1, "stride")
    _check_at_least(card.tolerance, 0, "tolerance")
    if card.ground_sample_distance is not None and not card.ground_sample_distance > 0:
        raise InvalidModelError(
            f"The model card's pixel size must be positive, but is {card.ground_sample_distance:g} m."
        )
    if card.nodata != "mean":
        raise InvalidModelError(f"The model card's nodata policy must be `mean`, but is {card.nodata!r}.")


def _check_optional(card: ModelCard) -> None:
    absent = [role for source in card.optional for role in source]
    unknown = [role for role in absent if role not in card.roles]
    if unknown or len(set(absent)) < len(absent) or not all(card.optional):
        raise InvalidModelError(
            f"The model card says that {', '.join(absent) or 'nothing'} may be absent; these must be bands that it "
            f"names ({', '.join(card.roles)}), each in one source."
        )
    if absent and not card.required_roles:
        raise InvalidModelError("The model card says that every band may be absent; one at least must be there.")


def _check_output(card: ModelCard) -> None:
    if card.activation not in ACTIVATIONS:
        raise InvalidModelError(
            f"The model card's activation must be one of {', '.join(ACTIVATIONS)}, but is {card.activation!r}."
        )
    if card.classes and sum(item.target for item in card.classes) != 1:
        raise InvalidModelError(
            f"The model card must mark exactly one of its {len(card.classes)} classes as the target of the heatmap."
        )


def _check_at_least(value: float | None, minimum: float, name: str) -> None:
    if value is not None and value < minimum:
        raise InvalidModelError(f"The model card's {name} must be at least {minimum:g}, but is {value:g}.")
