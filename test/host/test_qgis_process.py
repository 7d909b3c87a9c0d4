"""The worker under headless QGIS: how `qgis_process` ends, is interrupted, and is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from rock_glacier_mapper.host import runtime

QGIS_PROCESS = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
pytestmark = pytest.mark.skipif(not QGIS_PROCESS, reason="qgis_process is not installed")

TOY_WORKER = Path(__file__).parents[1] / "core" / "toy_worker.py"
METADATA = """[general]
name=toy plugin
description=Runs the toy stage.
version=1
qgisMinimumVersion=3.22
hasProcessingProvider=yes
"""
PLUGIN = """
import os
from qgis.core import *
from rock_glacier_mapper.host import runtime, worker

runtime.worker_arguments = lambda: [os.environ["TOY_WORKER"]]

class Node(QgsProcessingAlgorithm):
    def name(self): return "toy"
    def displayName(self): return "toy"
    def createInstance(self): return Node()
    def initAlgorithm(self, configuration=None):
        self.addParameter(QgsProcessingParameterString("ACTION", "action"))
        self.addOutput(QgsProcessingOutputNumber("PID", "pid"))
    def processAlgorithm(self, parameters, context, feedback):
        try:
            result = worker.run_stage("toy", {"action": parameters["ACTION"]}, feedback)
        except worker.StageFailed as error:
            raise QgsProcessingException(str(error))
        return {"PID": result["pid"]}

class Provider(QgsProcessingProvider):
    def id(self): return "toy"
    def name(self): return "toy"
    def loadAlgorithms(self): self.addAlgorithm(Node())

class Plugin:
    def initProcessing(self):
        self.provider = Provider()
        QgsApplication.processingRegistry().addProvider(self.provider)
    def unload(self): pass

def classFactory(iface): return Plugin()
"""


class HeadlessQgis:
    """A `qgis_process` that runs the toy node, in a session of its own, as in a terminal."""

    def __init__(self, folder: Path, action: str) -> None:
        self.trace = folder / "pid"
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_RUNTIME_DIR": str(folder),
            "QGIS_CUSTOM_CONFIG_PATH": str(folder),
            "QGIS_PLUGINPATH": str(folder / "plugins"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TOY_WORKER": str(TOY_WORKER),
            "TOY_TRACE": str(self.trace),
        }
        self.process = subprocess.Popen(
            [QGIS_PROCESS, "run", "toy:toy", f"--ACTION={action}"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def worker(self) -> int:
        """Wait until the stage runs and return the worker's process id."""
        while not self.trace.exists():
            if self.process.poll() is not None:
                pytest.fail(self.process.stdout.read())
            time.sleep(0.05)
        return int(self.trace.read_text())

    def end(self) -> str:
        """Wait for the end and return everything it wrote."""
        return self.process.communicate(timeout=60)[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a profile that knows the toy plugin."""
    toy = tmp_path / "plugins" / "toy_plugin"
    toy.mkdir(parents=True)
    (toy / "metadata.txt").write_text(METADATA)
    (toy / "__init__.py").write_text(PLUGIN)
    (tmp_path / "plugins" / runtime.PACKAGE).symlink_to(Path(__file__).parents[2])
    settings = tmp_path / "profiles" / "default" / "QGIS" / "QGIS3.ini"
    settings.parent.mkdir(parents=True)
    settings.write_text("[PythonPlugins]\ntoy_plugin=true\n")
    tmp_path.chmod(0o700)
    return tmp_path


def ends_soon(pid: int) -> bool:
    """Whether a process ends within a time in which it would surely have ended by itself."""
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not Path(f"/proc/{pid}").exists()


def test_ends_cleanly(folder: Path):
    """Exit status 0, no complaint about a process that still runs, and the worker is gone by then."""
    qgis = HeadlessQgis(folder, "succeed")
    text = qgis.end()
    assert qgis.process.returncode == 0, text
    assert "QProcess" not in text
    assert not Path(f"/proc/{qgis.worker()}").exists()


@pytest.mark.parametrize("to_all", [True, False], ids=["from the terminal", "to QGIS alone"])
def test_an_interrupt_cancels_the_stage(folder: Path, to_all: bool):
    """A terminal interrupts the worker too; QGIS's event loop must run for it to notice its own interrupt."""
    qgis = HeadlessQgis(folder, "wait_politely")
    worker = qgis.worker()
    (os.killpg if to_all else os.kill)(qgis.process.pid, signal.SIGINT)
    text = qgis.end()
    assert qgis.process.returncode == 1
    assert "Cancelled." in text
    assert not Path(f"/proc/{worker}").exists()


@pytest.mark.parametrize("action", ["wait_politely", "wait_deafly"])
def test_no_orphan_is_left_when_qgis_is_killed(folder: Path, action: str):
    """QGIS cannot say good-bye then; the end of its input tells the worker."""
    qgis = HeadlessQgis(folder, action)
    worker = qgis.worker()
    qgis.process.kill()
    qgis.end()
    assert ends_soon(worker)
