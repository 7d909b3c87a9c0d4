"""Take the documents' screenshots again.

Called by ``make screenshots``::

    python test/gui/take_screenshots.py docs/images
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PICTURES = ("toolbox", "dialog", "modeler", "mapped", "paper_layout", "inventory", "inventory_form")
# Not in the system's temporary folder: QGIS marks layers there as temporary, which would show.
SCRATCH = HERE.parents[1] / "build" / "screenshots"


def main() -> int:
    """Run the scenes and copy the pictures; return 1 if a scene failed."""
    parser = argparse.ArgumentParser(description="Take the documents' screenshots again.")
    parser.add_argument("folder", type=Path, help="folder for the pictures")
    folder = parser.parse_args().folder
    subprocess.run([sys.executable, str(HERE / "harness.py"), "--out", str(SCRATCH)], check=True)
    results = json.loads((SCRATCH / "results.json").read_text("utf8"))
    for name in PICTURES:
        if "error" in results[name]:
            sys.stderr.write(results[name]["error"])
            return 1
    folder.mkdir(parents=True, exist_ok=True)
    for name in PICTURES:
        shutil.copy(SCRATCH / f"{name}.png", folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
