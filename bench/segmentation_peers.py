"""Segment a raster by a method of scikit-image, as a program of its own: `METHOD INPUT OUTPUT PARAMETER`.

Called by bench_segment.py. The parameter is the number of segments of `slic`, the scale of `felzenszwalb`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal
from skimage.segmentation import felzenszwalb, slic

Image = NDArray[np.float32]
Labels = NDArray[np.integer]

# 0..255 as the bands are; scikit-image's methods are made for 0..1.
_WHITE = 255.0
_SMALLEST = 30

METHODS: dict[str, Callable[[Image, float], Labels]] = {
    "slic": lambda image, segments: slic(image, round(segments), compactness=0.1, start_label=1, convert2lab=False),
    "felzenszwalb": lambda image, scale: felzenszwalb(image, scale, sigma=0, min_size=_SMALLEST) + 1,
}


def main() -> None:
    """Read, segment, write."""
    method, source, output, parameter = sys.argv[1:]
    gdal.UseExceptions()
    dataset = gdal.Open(source)
    image = np.moveaxis(dataset.ReadAsArray(), 0, -1) / np.float32(_WHITE)
    labels = METHODS[method](np.ascontiguousarray(image), float(parameter))
    driver = gdal.GetDriverByName("GTiff")
    written = driver.Create(output, dataset.RasterXSize, dataset.RasterYSize, 1, gdal.GDT_UInt32, ["COMPRESS=ZSTD"])
    written.GetRasterBand(1).WriteArray(labels.astype(np.uint32))
    written.FlushCache()


if __name__ == "__main__":
    main()
