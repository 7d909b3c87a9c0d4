"""Every error that the engine raises on purpose.

A message says what was given, what was expected and what to do about it. Hosts show it as it is.
"""

OUT_OF_MEMORY = "ran out of memory. Close other programs, or give it a smaller raster or area"
"""What hosts say of a stage that ended so, behind its name."""


class MapperError(Exception):
    """Root of the engine's errors; its text is written for the user."""


class InvalidOptionError(MapperError):
    """An option of a stage has the wrong type, is out of range, or does not exist."""


class InvalidRasterError(MapperError):
    """A raster cannot be read, or lacks the bands that a stage needs."""


class InvalidGridError(MapperError):
    """Rasters that must share one pixel grid do not."""


class InvalidCRSError(MapperError):
    """A coordinate reference system is missing, or has no metres where metres are needed."""


class InvalidVectorError(MapperError):
    """A vector layer cannot be read, or lacks the geometries or fields that a stage needs."""


class InvalidModelError(MapperError):
    """A file is not a network that can be run, or its card cannot be understood."""


class ModelMismatchError(MapperError):
    """A stack does not fit the model: band roles, ground resolution or value range."""


class InvalidRuleSetError(MapperError):
    """A rule set is not valid, or names a feature that the objects do not have.

    Attributes
    ----------
    place : str
        Where in the document, as in ``passes[0].rules[1].conditions[2].ramp``; empty where no place is to blame.
    """

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


class InvalidSamplesError(MapperError):
    """A folder of samples cannot be read, or its samples cannot be used together."""


class OutputError(MapperError):
    """An output cannot be written: folder, permission or disk space."""


class MissingPackageError(MapperError):
    """A Python package that a stage needs is not installed."""


class Cancelled(MapperError):  # noqa: N818  (the name that every host of a stage knows)
    """The user stopped the stage."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")
