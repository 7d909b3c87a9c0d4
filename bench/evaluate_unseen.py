"""Score the whole chain on each simulated training landscape, with a network that did not see it.

    python bench/leave_one_out.py --data ../shared/data --output build/leave_one_out
    python bench/evaluate_unseen.py --data ../shared/data --networks build/leave_one_out --output build/unseen
    python bench/evaluate_unseen.py ... --set split=0

Every heatmap is unlike the others, more or less sure, so that a margin over a single threshold that is seen on all of
them is not owed to one. What the rules say of the heatmap was set on these landscapes. Everything is SIMULATED.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from evaluate_landscape import accuracy_of, levels_of, mapped_by_chain, prepared
from option_changes import changed_options
from rock_glacier_mapper.core.assessment.heatmapscores import average_precision
from rock_glacier_mapper.core.contracts.maprockglaciers import MapRockGlaciersOptions
from scene_stack import TRAINING_LANDSCAPES
from scoring import agreement_of, best_f1, best_threshold
from threshold_outlines import rows_by_landform

Record = dict[str, Any]
_COLUMNS = (
    *("landscape", "average precision", "best threshold", "pixels: threshold", "chain", "difference"),
    *("landforms: threshold", "without small patches", "chain", "difference", "found", "false"),
)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes")
    parser.add_argument("--networks", type=Path, required=True, help="folder that leave_one_out.py wrote")
    parser.add_argument("--output", type=Path, required=True, help="folder for unseen.json and all that is made")
    parser.add_argument("--landscapes", nargs="+", choices=TRAINING_LANDSCAPES, default=TRAINING_LANDSCAPES)
    parser.add_argument("--rules", default="full_stack", help="name of a shipped rule set, or a .json file")
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="NAME=VALUE", help="options of maprockglaciers to change"
    )
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    records = [scored(arguments, name) for name in arguments.landscapes]
    (arguments.output / "unseen.json").write_text(json.dumps(records, indent=2) + "\n", "utf-8")
    print("\n".join(table(records)))


def scored(arguments: argparse.Namespace, name: str) -> Record:
    """Map a landscape by a network that did not see it, and score it beside the best threshold."""
    network = str(arguments.networks / f"without_{name}.onnx")
    landscape = prepared(arguments.data / "landscapes" / "train" / name, arguments.output, network)
    changes = changed_options(MapRockGlaciersOptions, arguments.set)
    chain = mapped_by_chain(landscape, arguments.output, network, arguments.rules, **changes)
    counts = levels_of(landscape, landscape.heatmap)
    figures = accuracy_of(chain.outlines, landscape, arguments.output)["figures"]
    threshold, large_patches, outlines = (
        row["f1"] for row in rows_by_landform(landscape.heatmap, landscape.inventory, figures, arguments.output)
    )
    return {
        "landscape": name,
        "average_precision": average_precision(*counts),
        "threshold": best_threshold(*counts),
        "by_pixel": {
            "threshold": best_f1(*counts),
            "chain": agreement_of(chain.mapped, landscape.reference).figures["f1"],
        },
        "by_landform": {"threshold": threshold, "large_patches": large_patches, "chain": outlines},
        "found": f"{figures['matched_count']} of {figures['reference_count']}",
        "false": f"{figures['false_count']} of {figures['mapped_count']}",
    }


def table(records: list[Record]) -> list[str]:
    """Return the scores as Markdown: F1 of the best threshold of each landscape and of the chain, and their means."""
    return [
        f"| {' | '.join(_COLUMNS)} |",
        "|" + "---|" * len(_COLUMNS),
        *(_line(record) for record in records),
        _line({"landscape": "mean", **_means(records), "found": "", "false": ""}),
    ]


def _means(records: list[Record]) -> Record:
    mean: Record = {"average_precision": _mean(records, "average_precision"), "threshold": None}
    for what in ("by_pixel", "by_landform"):
        mean[what] = {name: _mean([record[what] for record in records], name) for name in records[0][what]}
    return mean


def _mean(records: list[Record], name: str) -> float:
    return float(sum(record[name] for record in records) / len(records))


def _line(record: Record) -> str:
    pixels, landforms = record["by_pixel"], record["by_landform"]
    threshold = "" if record["threshold"] is None else f"{record['threshold']:.2f}"
    cells = (
        *(record["landscape"], f"{record['average_precision']:.3f}", threshold),
        *(f"{pixels['threshold']:.3f}", f"{pixels['chain']:.3f}", _points(pixels)),
        *(f"{landforms[name]:.3f}" for name in ("threshold", "large_patches", "chain")),
        *(_points(landforms), record["found"], record["false"]),
    )
    return f"| {' | '.join(cells)} |"


def _points(scores: Record) -> str:
    return f"{100 * (scores['chain'] - scores['threshold']):+.1f}"


if __name__ == "__main__":
    main()
