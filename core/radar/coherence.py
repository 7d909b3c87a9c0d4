"""Stage `coherence`: how alike two radar images of one place are, from their phases and amplitudes."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import provenance
from ..contracts.coherence import CoherenceOptions, CoherenceResult
from ..errors import InvalidGridError, InvalidOptionError, InvalidRasterError
from ..files import check_writable
from ..progress import Progress
from ..rasters.boxcar import block_sums, window_sums
from ..rasters.grid import Grid, Window
from ..rasters.raster import Raster, RasterWriter
from .coherenceband import ROLE, coherence_band
from .complexraster import open_complex, read_complex
from .pairdates import METADATA_KEY, Pair, dates_in, file_names

# Pixels of the output, and of the images, that are worked on at once: a few hundred megabytes in all.
_OUTPUT_PIXELS = 2**20
_IMAGE_PIXELS = 2**19
_TILE_SIZE = 1024
_PLANES = 5


@dataclass(frozen=True)
class _Scene:
    """The images, and how the output lies on them."""

    reference: Raster
    secondary: Raster
    phase: Raster | None
    grid: Grid
    looks: tuple[int, int]
    window: tuple[int, int]


def run(options: CoherenceOptions, progress: Progress) -> CoherenceResult:
    """Estimate the coherence of two images in windows of fixed size.

    The estimate is |sum(a conj(b) exp(-j phase))| / sqrt(sum |a|^2 sum |b|^2) over the pixels of a window that have a
    value in both images, a of the reference and b of the secondary. With looks, the three sums are first taken over
    blocks of pixels, which become the pixels of the output; columns and rows that fill no block at the right and lower
    edge are left out. An output pixel has a value where its block has a valid pixel and enough of its window is valid.

    Parameters
    ----------
    options : CoherenceOptions
    progress : Progress

    Returns
    -------
    CoherenceResult

    Raises
    ------
    MapperError
        If an input cannot be read, is not complex, or does not fit the others, or the output cannot be written.
    """
    inputs = [options.reference, options.secondary, options.phase]
    check_writable(options.output, ".tif", ".tiff", inputs=inputs)
    _check_windows(options)
    with contextlib.ExitStack() as stack:
        scene = _opened(options, stack)
        looks = math.prod(scene.window) * math.prod(scene.looks)
        bias = mean_without_coherence(looks)
        _tell(scene, looks, bias, progress)
        steps = provenance.joined(
            scene.reference.provenance,
            scene.secondary.provenance,
            [provenance.step("coherence", options, looks=looks, bias=round(bias, 4))],
        )
        bands = [coherence_band(ROLE, options.output_type)]
        with RasterWriter(options.output, scene.grid, bands, steps) as writer:
            _note_dates(writer, options)
            windows = _windows(scene)
            for window in progress.each(windows, len(windows), "Estimating the coherence"):
                writer.write(window, _coherence(scene, window, options.min_valid, progress)[None])
    return CoherenceResult(options.output, looks, bias)


def mean_without_coherence(looks: int) -> float:
    """Return the expected estimate of `looks` independent pixels whose true coherence is 0.

    Touzi, Lopes, Bruniquel and Vachon (1999), Coherence estimation for SAR imagery, IEEE Transactions on Geoscience and
    Remote Sensing 37(1), 135-149: the expected value for coherence 0 is Gamma(L) Gamma(3/2) / Gamma(L + 1/2).
    """
    return math.exp(math.lgamma(looks) + math.lgamma(1.5) - math.lgamma(looks + 0.5))


def _check_windows(options: CoherenceOptions) -> None:
    for name in ("window_range", "window_azimuth"):
        size = getattr(options, name)
        if size % 2 == 0:
            raise InvalidOptionError(
                f"Option `{name}` must be odd, so that the window has a pixel at its centre, but {size} was given; "
                f"give {size - 1} or {size + 1}, or use looks."
            )


def _opened(options: CoherenceOptions, stack: contextlib.ExitStack) -> _Scene:
    """Open the images and check that they fit."""
    reference = stack.enter_context(open_complex(options.reference))
    secondary = stack.enter_context(open_complex(options.secondary))
    phase = stack.enter_context(Raster(options.phase)) if options.phase else None
    _check_grids(reference, secondary, phase)
    looks = options.looks_azimuth, options.looks_range
    window = options.window_azimuth, options.window_range
    return _Scene(reference, secondary, phase, coarsened(reference.grid, *looks), looks, window)


def _check_grids(reference: Raster, secondary: Raster, phase: Raster | None) -> None:
    sizes = [(raster.grid.width, raster.grid.height) for raster in (reference, secondary)]
    if sizes[0] != sizes[1]:
        (width, height), (other_width, other_height) = sizes
        raise InvalidGridError(
            f"{reference.path} has {width} x {height} pixels, but {secondary.path} has {other_width} x {other_height}; "
            "coregister the secondary image to the reference first, so that both have the same pixels."
        )
    reference.grid.require_same(secondary.grid, f"The secondary image {secondary.path}")
    if phase is None:
        return
    if len(phase.bands) != 1:
        raise InvalidRasterError(f"{phase.path} has {len(phase.bands)} bands, but one with the phase is expected.")
    reference.grid.require_same(phase.grid, f"The phase {phase.path}")


def coarsened(grid: Grid, rows: int, columns: int) -> Grid:
    """Return the grid of whole blocks of pixels, from the same corner.

    Raises
    ------
    InvalidOptionError
        If the grid has not even one block.
    """
    if grid.width < columns or grid.height < rows:
        raise InvalidOptionError(
            f"{columns} x {rows} looks were given, but the images have {grid.width} x {grid.height} pixels; give less."
        )
    x, across_x, down_x, y, across_y, down_y = grid.geotransform
    geotransform = (x, across_x * columns, down_x * rows, y, across_y * columns, down_y * rows)
    return Grid(grid.width // columns, grid.height // rows, geotransform, grid.crs)


def _tell(scene: _Scene, looks: int, bias: float, progress: Progress) -> None:
    if not scene.grid.crs:
        progress.warn(
            "The images have no reference system, so the coherence is in radar geometry (slant range). A feature stack "
            "needs map geometry: geocode the coherence with your processor, or give geocoded images such as CSLC."
        )
    progress.report(
        0,
        f"Each value is estimated from {looks} pixels. Were they independent, the mean estimate would be {bias:.3f} "
        "where the true coherence is 0 (Touzi et al. 1999); neighbouring pixels of most images are correlated, which "
        "raises it. Coherence below that tells nothing.",
    )


def _note_dates(writer: RasterWriter, options: CoherenceOptions) -> None:
    """Write the dates into the file where both images' names say theirs."""
    found = [dates_in(file_names(path)[0])[:1] for path in (options.reference, options.secondary)]
    if all(found) and found[0] != found[1]:
        writer.note(METADATA_KEY, str(Pair(*sorted(found[0] + found[1]))))


def _windows(scene: _Scene) -> list[Window]:
    """Cut the output as the files of the images are stored, in rows or in blocks, so that little is read twice."""
    if scene.reference.block_size[0] >= scene.reference.grid.width:
        return scene.grid.strips(1, _OUTPUT_PIXELS)
    return scene.grid.tiles(_TILE_SIZE)


def _coherence(scene: _Scene, window: Window, min_valid: float, progress: Progress) -> NDArray[np.float64]:
    """Return the coherence of a window of the output, NaN where it has no value."""
    rows, columns = scene.window
    around = Window(window.x - columns // 2, window.y - rows // 2, window.width + columns - 1, window.height + rows - 1)
    blocks = _sums_of_blocks(scene, around, progress)
    real, imaginary, power, other_power, count = window_sums(blocks, rows, columns)
    centres = blocks[-1, rows // 2 :, columns // 2 :][: window.height, : window.width]
    needed = min_valid * math.prod(scene.window) * math.prod(scene.looks)
    valid = (centres > 0) & (count >= needed)
    coherence = np.full(count.shape, np.nan)
    length = np.sqrt(power) * np.sqrt(other_power)
    np.divide(np.sqrt(real * real + imaginary * imaginary), length, out=coherence, where=valid)
    # Rounding may lead beyond 1 by a few units in the last place.
    return np.minimum(coherence, 1, out=coherence)


def _sums_of_blocks(scene: _Scene, window: Window, progress: Progress) -> NDArray[np.float64]:
    """Return the sums of the products over the blocks of a window of the output, 0 where it hangs over the edge."""
    sums = np.zeros((_PLANES, window.height, window.width))
    left, right = max(window.x, 0), min(window.x + window.width, scene.grid.width)
    top, bottom = max(window.y, 0), min(window.y + window.height, scene.grid.height)
    rows, columns = scene.looks
    step = max(_IMAGE_PIXELS // ((right - left) * rows * columns), 1)
    for start in range(top, bottom, step):
        progress.check()
        end = min(start + step, bottom)
        pixels = Window(left * columns, start * rows, (right - left) * columns, (end - start) * rows)
        place = np.s_[:, start - window.y : end - window.y, left - window.x : right - window.x]
        sums[place] = block_sums(_products(scene, pixels), rows, columns)
    return sums


def _products(scene: _Scene, window: Window) -> NDArray[np.float64]:
    """Return, for each pixel: product with the conjugate (real, imaginary), both powers, and 1 where it counts."""
    first, first_imaginary = read_complex(scene.reference, window)
    second, second_imaginary = read_complex(scene.secondary, window)
    products = np.empty((_PLANES, window.height, window.width))
    products[0] = first * second + first_imaginary * second_imaginary
    products[1] = first_imaginary * second - first * second_imaginary
    products[2] = first * first + first_imaginary * first_imaginary
    products[3] = second * second + second_imaginary * second_imaginary
    valid = (products[2] > 0) & (products[3] > 0)
    if scene.phase is not None:
        valid &= _turn_back(products, scene.phase.read(window)[0])
    products[4] = valid
    if not valid.all():
        products[:, ~valid] = 0
    return products


def _turn_back(products: NDArray[np.float64], phase: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Multiply the products by exp(-j phase); return where the phase is known."""
    cosine, sine = np.cos(phase.astype(np.float64)), np.sin(phase.astype(np.float64))
    real, imaginary = products[0].copy(), products[1]
    products[0] = real * cosine + imaginary * sine
    products[1] = imaginary * cosine - real * sine
    known: NDArray[np.bool_] = np.isfinite(phase)
    return known
