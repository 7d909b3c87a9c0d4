"""Map a scene end to end through qgis_process: outlines, a picture of the map, and an accuracy report.

Without options the bundled scene is mapped, which is simulated. Called by ``make demo``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from headless import SAMPLE, copied_reference, require_success, run_algorithm

FIGURES = {
    "PRODUCERS_ACCURACY": "Producer's accuracy (share of the reference area that was mapped)",
    "USERS_ACCURACY": "User's accuracy (share of the mapped area that is in the reference)",
    "F1": "F1 score (their harmonic mean)",
    "IOU": "Intersection over union",
    "DETECTED": "Detected (share of the reference's landforms that were found)",
}


def main() -> None:
    """Map, assess, draw, and say where the results are."""
    arguments = parse_arguments()
    output = Path(arguments.output)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        outlines, heatmap = map_scene(arguments, output, Path(profile))
        report, figures = assess(arguments, outlines, heatmap, output, Path(profile))
    picture = output / "map.png"
    draw_picture(picture, arguments.stack, heatmap, outlines, *filter(None, [arguments.reference]))
    print_results(outlines, picture, report, figures)


def parse_arguments() -> argparse.Namespace:
    """Return the options; those of the bundled scene are the defaults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", help="feature stack; default: the bundled simulated scene")
    parser.add_argument("--model", default="full_10m", help="name of a shipped model, or an .onnx file")
    parser.add_argument("--rules", default="full_stack", help="name of a shipped rule set, or a .json file")
    parser.add_argument(
        "--reference", help="outlines to compare with; default: those of the bundled scene, if it is mapped"
    )
    parser.add_argument("--area", help="polygons of the area that the reference covers")
    parser.add_argument("--output", default="demo-output", help="folder for the results")
    arguments = parser.parse_args()
    if arguments.stack is None:
        arguments.stack = str(SAMPLE / "simulated_stack.tif")
        arguments.reference = arguments.reference or copied_reference(Path(arguments.output))
        print("Mapping the bundled scene. It is SIMULATED: its figures say nothing about real regions.")
    return arguments


def map_scene(arguments: argparse.Namespace, output: Path, profile: Path) -> tuple[str, str]:
    """Run the whole chain as one node; return the paths of the outlines and of the heatmap."""
    results = require_success(
        run_algorithm(
            "rockglacier:maprockglaciers",
            {
                "STACK": arguments.stack,
                "MODEL": arguments.model,
                "RULES": arguments.rules,
                "OUTPUT": output / "rock_glaciers.gpkg",
                "HEATMAP": output / "heatmap.tif",
                "OBJECTS": output / "objects.gpkg",
            },
            profile,
        )
    )
    print(f"{results['LANDFORMS']} outlines, {results['AREA_M2'] / 1e6:.2f} km2 in all.")
    return results["OUTPUT"], results["HEATMAP"]


def assess(
    arguments: argparse.Namespace, outlines: str, heatmap: str, output: Path, profile: Path
) -> tuple[str, dict[str, Any]]:
    """Compare with the reference, if there is one; return the report's path and the figures."""
    if not arguments.reference:
        return "", {}
    results = require_success(
        run_algorithm(
            "rockglacier:accuracy",
            {
                "MAPPED": outlines,
                "REFERENCE": arguments.reference,
                "HEATMAP": heatmap,
                "OUTPUT": output / "accuracy.gpkg",
                "REPORT": output / "accuracy.html",
                "JSON": output / "accuracy.json",
                **({"AREA": arguments.area} if arguments.area else {}),
            },
            profile,
        )
    )
    return results["REPORT"], results


def draw_picture(*words: object) -> None:
    """Draw the map in a process of its own, whose chatter is of interest only if it fails."""
    program = Path(__file__).with_name("map_picture.py")
    done = subprocess.run([sys.executable, program, *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"The map picture could not be drawn.\n{done.stderr}")


def print_results(outlines: str, picture: Path, report: str, figures: dict[str, Any]) -> None:
    """Print the main figures and where everything is."""
    for key, meaning in FIGURES.items():
        if key in figures:
            print(f"  {meaning}: {'none' if figures[key] is None else f'{figures[key]:.1%}'}")
    print(f"Outlines:        {Path(outlines).resolve()}")
    print(f"Map picture:     {picture.resolve()}")
    print(f"Accuracy report: {Path(report).resolve() if report else 'none, as no reference was given'}")


if __name__ == "__main__":
    main()
