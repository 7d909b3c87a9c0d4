"""How a stage can end badly, as seen from QGIS."""

from __future__ import annotations


class StageFailed(RuntimeError):  # noqa: N818  (it says what happened, and is shown as it is)
    """A stage did not reach its end; the text is written for the user."""


class WorkerDied(StageFailed):
    """The worker's process ended in the middle of a stage, or did not start."""


class StageCancelled(StageFailed):
    """The user stopped the stage."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")
