"""Run scenes in the QGIS desktop on a display that nobody sees, and save what they show and find.

Usage::

    python test/gui/harness.py --out FOLDER [--scenes FILE] [--timeout SECONDS]

FOLDER receives a picture of each scene, `results.json` with what each scene found, and `qgis.log`. The scenes are the
functions of `scenes.py`, or of another file; QGIS runs them through `driver.py`. Needs Xvfb and openbox
beside QGIS; the exit status is 0 when QGIS ran all scenes and closed by itself. The engine gets its packages from the
Python that runs this.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGE = "rock_glacier_mapper"
SCREEN = "1600x1000x24"
PROGRAMS = ("Xvfb", "openbox")

SETTINGS = f"""[PythonPlugins]
{PACKAGE}=true
processing=true

[qgis]
checkVersion=false
showTips=false
newsFeed=false

[core]
NewsFeed\\httpsfeedqgisorg\\disabled=true
"""


def qgis_program() -> str:
    """Return the QGIS desktop, "" where it is not installed; Debian's `qgis` is a wrapper that adds options."""
    return shutil.which("qgis.bin") or shutil.which("qgis") or ""


def missing_programs() -> list[str]:
    """Return what is not installed of what the harness needs."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    return missing if qgis_program() else [*missing, "qgis"]


@contextlib.contextmanager
def display() -> Iterator[str]:
    """Yield the name of a new virtual display with a window manager."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with contextlib.ExitStack() as stack:
        screen = stack.enter_context(subprocess.Popen(command, pass_fds=[writer], **quiet))
        stack.callback(screen.terminate)
        os.close(writer)
        with os.fdopen(reader) as numbers:
            name = f":{numbers.readline().strip()}"
        environment = {**os.environ, "DISPLAY": name}
        windows = stack.enter_context(subprocess.Popen(["openbox"], env=environment, **quiet))  # noqa: S607
        stack.callback(windows.terminate)
        yield name


def prepare(scratch: Path) -> None:
    """Make a fresh profile that has the plugin, which is the repository whatever its folder is called."""
    profile = scratch / "profiles" / "profiles" / "default" / "QGIS"
    for folder in (profile, scratch / "home", scratch / "plugins", scratch / "work"):
        folder.mkdir(parents=True)
    (scratch / "runtime").mkdir(mode=0o700)
    (scratch / "plugins" / PACKAGE).symlink_to(ROOT)
    (profile / "QGIS3.ini").write_text(SETTINGS)


def run_qgis(out: Path, scratch: Path, screen: str, scenes: str, timeout: float) -> int:
    """Run QGIS with the driver until it exits; return its exit status, 124 when it did not."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "DISPLAY": screen,
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "HOME": str(scratch / "home"),
        "XDG_RUNTIME_DIR": str(scratch / "runtime"),
        "QGIS_PLUGINPATH": str(scratch / "plugins"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONWARNINGS": "ignore",
        "ROCK_GLACIER_MAPPER_RUNTIME": sysconfig.get_path("purelib"),
        "SCENES_FILE": scenes,
        "SCENES_OUT": str(out),
        "SCENES_WORK": str(scratch / "work"),
    }
    command = [qgis_program(), "--nologo", "--noversioncheck", "--profiles-path", str(scratch / "profiles")]
    command += ["--profile", "default", "--code", str(HERE / "driver.py")]
    with open(out / "qgis.log", "w") as log:
        try:
            done = subprocess.run(
                command, env=environment, stdout=log, stderr=log, cwd="/", timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired:
            return 124
    return done.returncode


def main() -> int:
    """Run the scenes; return the exit status of QGIS."""
    parser = argparse.ArgumentParser(description="Run scenes in the QGIS desktop on a virtual display.")
    parser.add_argument("--out", type=Path, required=True, help="folder for pictures, results and log")
    parser.add_argument("--scenes", default="scenes.py", help="file of scenes, whole or beside this one")
    parser.add_argument("--timeout", type=float, default=400, help="seconds until QGIS is killed")
    arguments = parser.parse_args()
    if missing_programs():
        parser.error(f"not installed: {', '.join(missing_programs())}")
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    # QGIS asks about layers in the system's temporary folder when it closes, so the files lie beside the pictures.
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=out) as folder, display() as screen:
        prepare(Path(folder))
        return run_qgis(out, Path(folder), screen, arguments.scenes, arguments.timeout)


if __name__ == "__main__":
    sys.exit(main())
