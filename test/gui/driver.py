"""What QGIS runs through its option --code: every scene in turn, then it closes without questions."""

import json
import os
import runpy
import sys
import time
import traceback
from pathlib import Path

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QMessageBox
from qgis.utils import iface

# QGIS runs this text without a file name of its own.
SCENES = Path(os.environ["QGIS_PLUGINPATH"]) / "rock_glacier_mapper" / "test" / "gui" / os.environ["SCENES_FILE"]
OUT = Path(os.environ["SCENES_OUT"])
said = []
failures = []


def dismiss_questions():
    """Close a message box, for which QGIS would wait for ever, and keep what it said."""
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        said.append(box.text())
        box.reject()


def keep_failure(kind, error, trace):
    """Keep what went wrong behind a click or a key, which QGIS would only show."""
    failures.append("".join(traceback.format_exception(kind, error, trace)))


def write(results):
    """Write down what is known so far."""
    results |= {"message boxes": {"found": said}, "failures": {"found": failures}}
    (OUT / "results.json").write_text(json.dumps(results, indent=1), "utf8")


def drive():
    """Play the scenes and write down what each returned, or how it failed."""
    results = {}
    sys.excepthook = keep_failure
    watch = QTimer()
    watch.timeout.connect(dismiss_questions)
    watch.start(1000)
    try:
        for scene in runpy.run_path(str(SCENES))["SCENES"]:
            start = time.monotonic()
            try:
                results[scene.__name__] = {"found": scene()}
            except Exception:
                results[scene.__name__] = {"error": traceback.format_exc()}
            results[scene.__name__]["seconds"] = round(time.monotonic() - start, 1)
            # Again after each scene, because the last one may end QGIS.
            write(results)
    finally:
        write(results)
        QgsProject.instance().clear()
        QgsProject.instance().setDirty(False)
        QTimer.singleShot(500, iface.actionExit().trigger)


# The code runs before the main window has settled.
QTimer.singleShot(2500, drive)
