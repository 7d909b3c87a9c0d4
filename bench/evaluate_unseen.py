"""Score the whole chain on each simulated training landscape, with a network that did not see it.

    python bench/leave_one_out.py --data ../shared/data --output build/leave_one_out
    python bench/evaluate_unseen.py --data ../shared/data --networks build/leave_one_out --output build/unseen

Every heatmap is unlike the others, more or less sure, so that a margin over a single threshold that is seen on all of
them is not owed to one. The corners of the rules on the heatmap were set on these landscapes. Everything is SIMULATED.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from evaluate_landscape import levels_of, mapped_by_chain, prepared
from rock_glacier_mapper.core.assessment.heatmapscores import average_precision
from scene_stack import TRAINING_LANDSCAPES
from scoring import agreement_of, best_f1
from threshold_outlines import rows_by_landform

Record = dict[str, Any]
_COLUMNS = (
    *("landscape", "average precision", "pixels: threshold", "chain", "difference"),
    *("landforms: threshold", "without small patches", "chain", "difference"),
)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes")
    parser.add_argument("--networks", type=Path, required=True, help="folder that leave_one_out.py wrote")
    parser.add_argument("--output", type=Path, required=True, help="folder for unseen.json and all that is made")
    parser.add_argument("--rules", default="full_stack", help="name of a shipped rule set, or a .json file")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    records = [scored(arguments, name) for name in TRAINING_LANDSCAPES]
    (arguments.output / "unseen.json").write_text(json.dumps(records, indent=2) + "\n", "utf-8")
    print("\n".join(table(records)))


def scored(arguments: argparse.Namespace, name: str) -> Record:
    """Map a landscape by a network that did not see it, and score it beside the best threshold."""
    network = str(arguments.networks / f"without_{name}.onnx")
    landscape = prepared(arguments.data / "landscapes" / "train" / name, arguments.output, network)
    chain = mapped_by_chain(landscape, arguments.output, network, arguments.rules)
    counts = levels_of(landscape, landscape.heatmap)
    return {
        "landscape": name,
        "average_precision": average_precision(*counts),
        "by_pixel": [best_f1(*counts), agreement_of(chain.mapped, landscape.reference).figures["f1"]],
        "by_landform": [
            row["f1"]
            for row in rows_by_landform(landscape.heatmap, landscape.inventory, chain.outlines, arguments.output)
        ],
    }


def table(records: list[Record]) -> list[str]:
    """Return the scores as Markdown: F1 of the best threshold of each landscape and of the chain."""
    return [f"| {' | '.join(_COLUMNS)} |", "|" + "---|" * len(_COLUMNS), *map(_line, records)]


def _line(record: Record) -> str:
    threshold, chain = record["by_pixel"]
    patches, large_patches, outlines = record["by_landform"]
    return (
        f"| {record['landscape']} | {record['average_precision']:.3f} "
        f"| {threshold:.3f} | {chain:.3f} | {100 * (chain - threshold):+.1f} "
        f"| {patches:.3f} | {large_patches:.3f} | {outlines:.3f} | {100 * (outlines - patches):+.1f} |"
    )


if __name__ == "__main__":
    main()
