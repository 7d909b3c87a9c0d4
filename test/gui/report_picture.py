"""Take a picture of an HTML report, as a browser shows it.

Called by ``make screenshots``::

    xvfb-run -a python3 test/gui/report_picture.py demo-output/accuracy.html docs/images/accuracy_report.png
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from PyQt5.QtCore import QTimer, QUrl
from PyQt5.QtWebEngineWidgets import QWebEngineSettings, QWebEngineView
from PyQt5.QtWidgets import QApplication

_WIDTH, _HEIGHT = 1000, 1760
# Time for the page's pictures to be drawn once it is loaded.
_DRAWING = 1500


def main() -> int:
    """Run the command line; return 1 if the report cannot be loaded."""
    parser = argparse.ArgumentParser(description="Take a picture of an HTML report.")
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    arguments = parser.parse_args()
    # The browser refuses to run as root in its sandbox, and a virtual display has no graphics processor.
    os.environ |= {
        "QTWEBENGINE_DISABLE_SANDBOX": "1",
        "QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu",
        "QT_QUICK_BACKEND": "software",
    }
    application = QApplication(sys.argv[:1])
    view = QWebEngineView()
    view.settings().setAttribute(QWebEngineSettings.ShowScrollBars, False)
    view.resize(_WIDTH, _HEIGHT)
    done: list[bool] = []

    def take() -> None:
        done.append(view.grab().save(str(arguments.picture)))
        application.quit()

    def loaded(is_whole: bool) -> None:
        if is_whole:
            QTimer.singleShot(_DRAWING, take)
        else:
            application.quit()

    view.loadFinished.connect(loaded)
    view.load(QUrl.fromLocalFile(str(arguments.report.resolve())))
    view.show()
    application.exec()
    return 0 if done == [True] else 1


if __name__ == "__main__":
    sys.exit(main())
