"""All benchmarks of what prepares inputs, collected on one page.

Each runs in a process of its own, so that the peak memory of one is not that of another.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TITLE = "# Benchmarks of what prepares inputs\n"
# What one run of the terrain's attributes needs at least; its time grows with the area, as that of its contestant.
SMALLEST_DEM, LARGEST_DEM = 600, 3600


def section(script: str, *arguments: str) -> str:
    """Run a benchmark that writes a page, and return the page as a section."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.md")
        command = [sys.executable, str(FOLDER / script), *arguments, "--output", str(page)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return re.sub(r"^#", "##", page.read_text("utf8"), flags=re.MULTILINE)


def main() -> None:
    """Measure as the command line says, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=10980, help="side of the optical tile in pixels of 10 m")
    parser.add_argument("--dates", type=int, default=12, help="number of optical products")
    parser.add_argument("--output", type=Path, required=True, help="page to write (Markdown)")
    options = parser.parse_args()
    side = min(max(options.size, SMALLEST_DEM), LARGEST_DEM)
    sections = [
        section("bench_optical.py", "--size", str(options.size), "--dates", str(options.dates)),
        section("bench_terrain.py", "--size", str(side)),
    ]
    options.output.write_text("\n".join([TITLE, *sections]), "utf8")


if __name__ == "__main__":
    main()
