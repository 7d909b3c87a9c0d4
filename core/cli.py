"""The command line for people, made from the stages' options: ``python -m rock_glacier_mapper STAGE --help``.

Progress goes to standard error, the result to standard output: as JSON, or as it is where it is nothing but a text. The
exit status is 0, or 2 for bad input, or 128 + the signal's number when interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import json
import math
import signal
import sys
import types
import typing
from collections.abc import Iterator, Sequence
from typing import Any

from .errors import OUT_OF_MEMORY, Cancelled, MapperError
from .options import Options, field_default, field_info, field_types, from_json, to_json
from .progress import TextProgress
from .stages import STAGES, Stage
from .version import version
from .worker import serve

PROGRAM = "python -m rock_glacier_mapper"
WORKER = "worker"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one stage as the command line says.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; by default this process's own arguments.

    Returns
    -------
    int
        The exit status.
    """
    given = sys.argv[1:] if arguments is None else arguments
    values = vars(make_parser(given).parse_args(given))
    name = values.pop("stage")
    if name == WORKER:
        return serve()
    return _run(STAGES[name], values)


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser with one command a stage, of which those that the arguments name have their options."""
    parser = argparse.ArgumentParser(PROGRAM, description="Map rock glaciers: run one stage of the engine.")
    parser.add_argument("--version", action="version", version=version())
    commands = parser.add_subparsers(title="stages", dest="stage", metavar="STAGE", required=True)
    for stage in STAGES.values():
        summary = _summary(stage.options)
        command = commands.add_parser(stage.name, help=summary, description=summary, allow_abbrev=False)
        # To look at the options of all stages takes longer than most commands do to begin.
        if stage.name in arguments:
            for name, kind in field_types(stage.options).items():
                _add_option(command, stage.options, name, kind)
    commands.add_parser(WORKER, help="Serve stages to QGIS over standard input and output; the plugin starts this.")
    return parser


def _add_option(command: argparse.ArgumentParser, options: type[Options], name: str, kind: Any) -> None:
    info = field_info(options, name)
    # An option that is not given stays out of the namespace, so that the dataclass alone knows the defaults.
    settings: dict[str, Any] = {"help": _help(options, name), "default": argparse.SUPPRESS, "required": info.required}
    if kind is bool:
        settings["action"] = argparse.BooleanOptionalAction
    elif typing.get_origin(kind) is tuple:
        settings |= {"action": "extend", "nargs": "+"}
    else:
        settings["type"] = kind
    if info.choices:
        settings["choices"] = info.choices
    elif kind is not bool:
        settings["metavar"] = {int: "N", float: "X"}.get(kind, "TEXT")
    command.add_argument("--" + name.replace("_", "-"), **settings)


def _help(options: type[Options], name: str) -> str:
    """Return an option's help with its bounds and default; argparse takes a per cent sign for a place holder."""
    info, default = field_info(options, name), field_default(options, name)
    notes = [
        f"{word} {bound:g}"
        for word, bound in (("at least", info.minimum), ("at most", info.maximum))
        if bound is not None
    ]
    if info.required:
        notes.append("required")
    elif default not in ("", ()):
        notes.append("default: " + (" ".join(default) if isinstance(default, tuple) else str(default)))
    return (f"{info.help} ({', '.join(notes)})" if notes else info.help).replace("%", "%%")


def _summary(options: type[Options]) -> str:
    return (inspect.getdoc(options) or "").partition("\n")[0]


def _run(stage: Stage, values: dict[str, Any]) -> int:
    progress = CommandLineProgress()
    try:
        # Whatever a library prints would spoil the JSON.
        with progress.listening_to_signals(), contextlib.redirect_stdout(sys.stderr):
            result = stage.run(from_json(stage.options, values), progress)
    except Cancelled as error:
        sys.stderr.write(f"{error}\n")
        return 128 + progress.signal
    except MapperError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except MemoryError:
        sys.stderr.write(f"Stage `{stage.name}` {OUT_OF_MEMORY}.\n")
        return 2
    sys.stdout.write(_shown(to_json(result)) + "\n")
    return 0


def _shown(result: dict[str, Any]) -> str:
    """Return a result that is nothing but a text as it is, for people, and any other as JSON."""
    return str(result["text"]) if set(result) == {"text"} else json.dumps(_without_nan(result), indent=2)


class CommandLineProgress(TextProgress):
    """Progress on standard error, cancelled by the first interrupt or request to terminate."""

    def __init__(self) -> None:
        super().__init__(lambda line: sys.stderr.write(line + "\n"))
        self.signal = 0

    def cancelled(self) -> bool:
        """Whether a signal has come."""
        return self.signal != 0

    @contextlib.contextmanager
    def listening_to_signals(self) -> Iterator[None]:
        """Take the first signal as a polite request; a second one has its usual effect."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        usual = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in usual.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: types.FrameType | None) -> None:
        self.signal = number
        sys.stderr.write("Stopping; once more stops at once.\n")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _without_nan(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with null for NaN, which JSON does not have."""
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in values.items()}
