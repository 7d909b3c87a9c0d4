"""The command line that is made from the stages' options."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import rock_glacier_mapper
from rock_glacier_mapper import __main__ as program
from rock_glacier_mapper.core import cli, stages
from rock_glacier_mapper.core.errors import InvalidRasterError
from rock_glacier_mapper.core.options import Options, field_types, option
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.version import version


@dataclass(frozen=True)
class ToyOptions(Options):
    """Play with every kind of option.

    This line is no part of the summary.
    """

    input_path: str = option(help="A file, 100% sure.")
    names: tuple[str, ...] = option(("a", "b"), help="Names.", choices=("a", "b", "c"))
    count: int = option(3, help="A number of things.", minimum=1)
    share: float = option(0.5, help="A share.", minimum=0, maximum=1)
    mode: str = option("fast", help="How.", choices=("fast", "slow"))
    tidy: bool = option(True, help="Whether to tidy up.")


@dataclass(frozen=True)
class ToyResult:
    """What was given, and a number that is none."""

    given: str
    nothing: float


class Toy(stages.Stage):
    """A stage that gives back its options, or does what the input's name says."""

    def run(self, options: ToyOptions, progress: Progress) -> ToyResult:
        """Do it."""
        progress.report(0.5, "half way")
        if options.input_path == "bad.tif":
            raise InvalidRasterError("bad.tif is no raster.")
        if options.input_path == "huge.tif":
            raise MemoryError
        if options.input_path.startswith("SIG"):
            os.kill(os.getpid(), getattr(signal, options.input_path))
            progress.check()
        print("noise of a library")  # noqa: T201
        return ToyResult(repr(options), float("nan"))


@pytest.fixture(autouse=True)
def toy_stage(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(stages.STAGES, "toy", Toy("toy", ToyOptions, ToyResult, "toy"))


def test_defaults_are_the_dataclass_ones(capsys: pytest.CaptureFixture[str]):
    """Only what is given reaches the options."""
    assert cli.main(["toy", "--input-path", "x.tif"]) == 0
    assert json.loads(capsys.readouterr().out)["given"] == repr(ToyOptions("x.tif"))


def test_every_kind_of_option_is_understood(capsys: pytest.CaptureFixture[str]):
    """Lists take several values and may be repeated."""
    arguments = "--input-path x.tif --names a c --names b --count 7 --share 0.25 --mode slow --no-tidy"
    assert cli.main(["toy", *arguments.split()]) == 0
    expected = ToyOptions("x.tif", ("a", "c", "b"), 7, 0.25, "slow", False)
    assert json.loads(capsys.readouterr().out)["given"] == repr(expected)


def test_standard_output_holds_the_result_alone(capsys: pytest.CaptureFixture[str]):
    """Programs read it, so that it must be JSON whatever a library prints; JSON has no NaN."""
    cli.main(["toy", "--input-path", "x.tif"])
    output, errors = capsys.readouterr()
    assert json.loads(output, parse_constant=pytest.fail)["nothing"] is None
    assert "half way" in errors
    assert "noise of a library" in errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--input-path bad.tif", "bad.tif is no raster."),
        ("--input-path huge.tif", "Stage `toy` ran out of memory."),
        ("--input-path x.tif --share 2", "Option `share` must be at most 1"),
        ("--input-path x.tif --share nan", "Option `share` must be at least 0"),
    ],
)
def test_bad_input_gets_a_sentence_and_status_2(capsys: pytest.CaptureFixture[str], arguments: str, message: str):
    """The stage's and the options' own messages are shown as they are."""
    assert cli.main(["toy", *arguments.split()]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert message in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "STAGE"),
        ("tyo", "invalid choice: 'tyo'"),
        ("toy", "--input-path"),
        ("toy --input-path x.tif --mode quick", "invalid choice: 'quick'"),
        ("toy --input-path x.tif --names d", "invalid choice: 'd'"),
        ("toy --input-path x.tif --count many", "invalid int value: 'many'"),
        ("toy --input x.tif", "--input-path"),
    ],
)
def test_a_wrong_command_line_is_explained(capsys: pytest.CaptureFixture[str], arguments: str, message: str):
    """Also abbreviations are refused: scripts that use them would break when an option is added."""
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments.split())
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_help_lists_the_stages_with_one_line_each(capsys: pytest.CaptureFixture[str]):
    """The list is the registry's, and a summary is the first line of the options' text."""
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    assert all(name in text for name in stages.STAGES)
    assert "Play with every kind of option." in text
    assert "no part of the summary" not in text


def test_help_of_a_stage_tells_bounds_defaults_and_choices(capsys: pytest.CaptureFixture[str]):
    """A per cent sign in a help text must not be taken for a place holder."""
    with pytest.raises(SystemExit):
        cli.main(["toy", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for part in (
        "100% sure. (required)",
        "A number of things. (at least 1, default: 3)",
        "(at least 0, at most 1, default: 0.5)",
        "{fast,slow}",
        "(default: a b)",
        "--no-tidy",
    ):
        assert part in text


@pytest.mark.parametrize("name", list(stages.STAGES))
def test_every_stage_has_its_help(name: str, capsys: pytest.CaptureFixture[str]):
    """Every option of every contract can be turned into an argument."""
    with pytest.raises(SystemExit) as stopped:
        cli.main([name, "--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    for field in field_types(stages.STAGES[name].options):
        assert "--" + field.replace("_", "-") in text


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_cancels_the_stage(capsys: pytest.CaptureFixture[str], name: str, status: int):
    """The stage stops in its own way, so that it can clean up; afterwards signals do what they did before."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert cli.main(["toy", "--input-path", name]) == status
    assert capsys.readouterr().out == ""
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_runs_as_a_module():
    """People type this."""
    folder = os.path.dirname(os.path.dirname(rock_glacier_mapper.__file__))
    command = [sys.executable, "-m", "rock_glacier_mapper", "--version"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": folder}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == version()


@pytest.mark.parametrize(("rules", "status", "printed"), [("full_stack", 0, True), ("nosuchrules", 2, False)])
def test_the_process_leaves_with_everything_said(rules: str, status: int, printed: bool):
    """It does not take itself apart at the end, and a pipe gets what was printed all the same."""
    folder = os.path.dirname(os.path.dirname(rock_glacier_mapper.__file__))
    command = [sys.executable, "-m", "rock_glacier_mapper", "describerules", "--rules", rules]
    environment = {**os.environ, "PYTHONPATH": folder}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert (bool(done.stdout), "nosuchrules" in done.stderr) == (printed, not printed)


def test_an_older_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """QGIS up to 3.34 brings Python 3.9 on some systems."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 5, "final", 0))
    assert program.main() == 2
    assert "needs Python 3.10 or newer, but this is Python 3.9" in capsys.readouterr().err


def test_an_older_python_can_read_the_program():
    """Otherwise it would answer with a syntax error instead of the sentence."""
    for path in (program.__file__, rock_glacier_mapper.__file__):
        assert ast.parse(Path(path).read_text(encoding="utf8"), feature_version=(3, 7))
