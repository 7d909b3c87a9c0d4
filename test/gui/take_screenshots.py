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
# By the file of scenes that takes them.
PICTURES = {
    "scenes.py": (
        *("toolbox", "dialog", "modeler", "mapped", "paper_layout", "inventory", "inventory_form"),
        *("welcome", "welcome_mapped", "preview", "preview_dialog"),
        *("rules_cursor", "rules_typo", "rules_membership", "rules_parts"),
    ),
    "review_scenes.py": (
        "review_start",
        "review",
        "review_fields",
        "review_vertices",
        "review_split",
        "review_merge",
        "review_trim",
        "review_grow",
        "review_grown",
        "review_drawn",
        "review_slider",
        "review_background_3",
        "review_elsewhere",
        "review_merge_files",
    ),
}
# Not in the system's temporary folder: QGIS marks layers there as temporary, which would show.
SCRATCH = HERE.parents[1] / "build" / "screenshots"


def take(scenes: str, pictures: tuple[str, ...], folder: Path) -> str:
    """Run a file of scenes and copy the pictures; return how a scene failed, "" when none did."""
    out = SCRATCH / Path(scenes).stem
    shutil.rmtree(out, ignore_errors=True)
    # The last scene of a file may end QGIS in its own way.
    subprocess.run([sys.executable, str(HERE / "harness.py"), "--out", str(out), "--scenes", scenes], check=False)
    results = json.loads((out / "results.json").read_text("utf8"))
    failures = [result["error"] for result in results.values() if "error" in result]
    if not failures:
        for name in pictures:
            shutil.copy(out / f"{name}.png", folder)
    return "".join(failures)


def main() -> int:
    """Run the scenes and copy the pictures; return 1 if a scene failed."""
    parser = argparse.ArgumentParser(description="Take the documents' screenshots again.")
    parser.add_argument("folder", type=Path, help="folder for the pictures")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for scenes, pictures in PICTURES.items():
        failures = take(scenes, pictures, folder)
        if failures:
            sys.stderr.write(failures)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
