"""Segment a raster with GeoDeep and write its mask; runs in GeoDeep's own Python environment.

python geodeep_run.py RASTER MODEL OUTPUT
"""

from __future__ import annotations

import sys

import geodeep
from geodeep.segmentation import save_mask_to_raster


def main() -> None:
    """Segment one raster."""
    raster, model, output = sys.argv[1:]
    save_mask_to_raster(raster, geodeep.run(raster, model, output_type="raw"), output)


if __name__ == "__main__":
    main()
