"""Reading and writing rasters by window, in physical units, with every invalid pixel as NaN."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal_array

from ..errors import InvalidRasterError, OutputError
from ..files import check_writable, replacing
from ..progress import Progress
from ..provenance import METADATA_KEY, Step, from_text, to_text
from .geodata import gdal, is_alpha, reported_failures, spatial_reference
from .grid import BLOCK_SIZE, MEMORY_BUDGET, Grid, Window
from .roles import role_of

__all__ = ["MEMORY_BUDGET", "Band", "Grid", "Raster", "RasterWriter", "Statistics", "Window", "to_stored"]


@dataclass(frozen=True)
class Band:
    """How one band is stored.

    Attributes
    ----------
    role : str
        What the band holds, from its description.
    dtype : str
        Name of the numpy type of the stored numbers.
    nodata : float or None
        Stored number that means "no value".
    scale, offset : float
        The physical value is ``stored * scale + offset``.
    unit : str
        Unit of the physical values; empty where the file does not say.
    """

    role: str
    dtype: str
    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""


class Statistics(NamedTuple):
    """What a band's stored numbers are like: those that are valid, and the share of them."""

    minimum: float
    maximum: float
    mean: float
    standard_deviation: float
    valid_share: float


class Raster:
    """A raster opened for reading; use it in a ``with`` statement, in one thread at a time.

    Alpha bands are no bands here: they say which pixels of the others are valid, as mask bands do.

    Parameters
    ----------
    path : str
        Anything that GDAL opens as a raster.

    Raises
    ------
    InvalidRasterError
        If the file is missing, is no raster, or has no bands.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._dataset = _opened(path)
        numbers = range(1, self._dataset.RasterCount + 1)
        self._numbers = [number for number in numbers if not is_alpha(self._gdal_band(number))]
        if not self._numbers:
            raise InvalidRasterError(f"{path} has no bands; give a raster with at least one.")
        self.bands = tuple(_described(self._gdal_band(n), n) for n in self._numbers)
        self.grid = _grid_of(self._dataset)

    def __enter__(self) -> Raster:
        return self

    def __exit__(self, *_: object) -> None:
        self._dataset = None

    @property
    def roles(self) -> tuple[str, ...]:
        """The bands' roles in order, as `role_of` names them."""
        return tuple(band.role for band in self.bands)

    def number_in_file(self, number: int) -> int:
        """Return GDAL's number of a band (from 1), which also counts alpha bands."""
        return self._numbers[number - 1]

    @property
    def block_size(self) -> tuple[int, int]:
        """Width and height of the blocks that the file is stored in, which are read as a whole."""
        width, height = self._gdal_band(self._numbers[0]).GetBlockSize()
        return int(width), int(height)

    def has_mask(self, index: int) -> bool:
        """Whether a mask, beside the nodata value, says which pixels of a band (from 0) are valid."""
        flags = self._gdal_band(self._numbers[index]).GetMaskFlags()
        return flags != gdal.GMF_NODATA and self._is_masked(flags)

    @property
    def metadata(self) -> dict[str, str]:
        """The file's metadata items."""
        return dict(self._dataset.GetMetadata())

    @property
    def files(self) -> tuple[str, ...]:
        """All files that the raster is read from: a virtual raster's sources, and what stands beside it."""
        return tuple(self._dataset.GetFileList() or ())

    @property
    def provenance(self) -> list[Step]:
        """The steps that made this raster, as far as it knows."""
        return from_text(self._dataset.GetMetadataItem(METADATA_KEY))

    def band_indices(self, roles: Iterable[str]) -> list[int]:
        """Return the position (from 0) of each role's band.

        Raises
        ------
        InvalidRasterError
            If roles are missing; the message names them and those present.
        """
        wanted = list(roles)
        missing = [role for role in wanted if role not in self.roles]
        if missing:
            raise InvalidRasterError(
                f"{self.path} has no band described as {', '.join(missing)}; its bands are {', '.join(self.roles)}."
            )
        return [self.roles.index(role) for role in wanted]

    def read(self, window: Window | None = None, roles: Iterable[str] | None = None) -> NDArray[np.float32]:
        """Read bands in physical units.

        Parameters
        ----------
        window : Window, optional
            Pixels to read, inside the raster; all of them by default.
        roles : iterable of str, optional
            Bands to read, in this order; all by default.

        Returns
        -------
        array of float32, shape (bands, height, width)
            NaN where a pixel is nodata, masked, or not a finite number.

        Raises
        ------
        InvalidRasterError
            If a role is missing, the file is damaged, or a band holds complex numbers.
        """
        indices = range(len(self.bands)) if roles is None else self.band_indices(roles)
        return self.read_bands(window or self.grid.whole, indices)

    def read_bands(self, window: Window, indices: Sequence[int]) -> NDArray[np.float32]:
        """Read bands, named by their positions from 0, as `read` does."""
        values = np.empty((len(indices), window.height, window.width), np.float32)
        for target, index in zip(values, indices, strict=True):
            self._read_band(index, window, target)
        return values

    def read_band(self, window: Window, index: int) -> NDArray[np.float32]:
        """Read one band as `read` does; beyond the raster's edges the values are mirrored about the edge pixels.

        Parameters
        ----------
        window : Window
            Pixels to read; it may hang over the raster by any length.
        index : int
            The band, from 0.

        Returns
        -------
        array of float32, shape (height, width)
        """
        columns = _reflected(window.x, window.width, self.grid.width)
        rows = _reflected(window.y, window.height, self.grid.height)
        left, top = int(columns.min()), int(rows.min())
        inside = Window(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)
        values = np.empty((inside.height, inside.width), np.float32)
        self._read_band(index, inside, values)
        if inside == window:
            return values
        reflected: NDArray[np.float32] = values[np.ix_(rows - top, columns - left)]
        return reflected

    def is_empty(self, window: Window, index: int) -> bool:
        """Whether a band (from 0) surely has no value in a window, known without reading it: no block is stored."""
        if self.bands[index].nodata is None:
            return False
        with _readable(self.path):
            status, _ = self._gdal_band(self._numbers[index]).GetDataCoverageStatus(*window)
        return bool(status == gdal.GDAL_DATA_COVERAGE_STATUS_EMPTY)

    def read_raw(self, window: Window | None = None, band: int = 1) -> NDArray[Any]:
        """Read one band (from 1) as it is stored, shape (height, width)."""
        area = window or self.grid.whole
        with _readable(self.path):
            stored: NDArray[Any] = self._gdal_band(self._numbers[band - 1]).ReadAsArray(*area)
        return stored

    def require_real(self, index: int) -> None:
        """Refuse a band (from 0) of complex numbers.

        Raises
        ------
        InvalidRasterError
            If it holds them.
        """
        band = self.bands[index]
        if np.dtype(band.dtype).kind == "c":
            raise InvalidRasterError(
                f"Band {band.role} of {self.path} holds complex numbers, which are no measurements by themselves; "
                "give what is computed of them, such as the coherence or the intensity."
            )

    def has_classes(self, index: int) -> bool:
        """Whether the numbers of a band (from 0) are names of classes, as a colour table or a list of names shows."""
        band = self._gdal_band(self._numbers[index])
        return band.GetColorTable() is not None or bool(band.GetCategoryNames())

    def _gdal_band(self, number: int) -> gdal.Band:
        return self._dataset.GetRasterBand(number)

    def _is_masked(self, flags: int) -> bool:
        """Whether a band's mask says which pixels are valid; what is only taken for an alpha band says nothing."""
        taken_for_alpha = flags & gdal.GMF_ALPHA and len(self._numbers) == self._dataset.RasterCount
        return flags != gdal.GMF_ALL_VALID and not taken_for_alpha

    def _read_band(self, index: int, window: Window, target: NDArray[np.float32]) -> None:
        self.require_real(index)
        band, source = self.bands[index], self._gdal_band(self._numbers[index])
        with _readable(self.path):
            flags = source.GetMaskFlags()
            if flags in (gdal.GMF_ALL_VALID, gdal.GMF_NODATA) and np.dtype(band.dtype).kind in "iu":
                # Comparing the stored whole numbers is several times cheaper than asking for GDAL's mask.
                target[:] = stored = source.ReadAsArray(*window)
                masked = _equal(stored, band.nodata)
            else:
                source.ReadAsArray(*window, buf_obj=target)
                # What is not finite is not valid below, without the mask that GDAL would make of it.
                is_told = flags == gdal.GMF_NODATA and band.nodata is not None and np.isnan(band.nodata)
                masked = not is_told and self._is_masked(flags) and source.GetMaskBand().ReadAsArray(*window) == 0
        if (band.scale, band.offset) != (1.0, 0.0):
            np.multiply(target, np.float32(band.scale), out=target)
            np.add(target, np.float32(band.offset), out=target)
        invalid = ~np.isfinite(target) | masked
        if invalid.any():
            target[invalid] = np.nan


class RasterWriter:
    """A GeoTIFF being written; use it in a ``with`` statement.

    The file appears under its name when the statement ends without an exception, and not at all otherwise.
    Pixels that are never written are nodata.

    Parameters
    ----------
    path : str
        Name of the file, ending in ``.tif`` or ``.tiff``.
    grid : Grid
        Its grid, kept to the last digit.
    bands : sequence of Band
        GeoTIFF stores one type and one nodata value for all bands: those of the first.
    provenance : iterable of dict
        Steps that made the raster.

    Raises
    ------
    OutputError
        If the folder cannot be written, or the disk is full.
    """

    def __init__(self, path: str, grid: Grid, bands: Sequence[Band], provenance: Iterable[Step] = ()) -> None:
        check_writable(path, ".tif", ".tiff")
        self.path = path
        self._grid = grid
        self._bands = tuple(bands)
        self._steps = list(provenance)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> RasterWriter:
        with contextlib.ExitStack() as stack:
            temporary = stack.enter_context(replacing(self.path))
            with self._writable():
                self._dataset = _created(temporary, self._grid, self._bands)
                self._dataset.SetMetadataItem(METADATA_KEY, to_text(self._steps))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is not None:
                with contextlib.suppress(RuntimeError):
                    self._close()
                # Handing the error on is what makes the temporary file go away.
                raise error
            with self._writable():
                self._close()

    def write(self, window: Window, values: NDArray[Any]) -> None:
        """Write physical values, shape (bands, height, width); NaN becomes nodata, the rest is scaled and rounded."""
        for number, (band, layer) in enumerate(zip(self._bands, values, strict=True), start=1):
            self.write_raw(window, to_stored(layer, band), number)

    def write_raw(self, window: Window, stored: NDArray[Any], band: int = 1) -> None:
        """Write numbers as they are to one band (from 1), shape (height, width)."""
        with self._writable():
            self._dataset.GetRasterBand(band).WriteArray(stored, window.x, window.y)

    def note(self, name: str, text: str) -> None:
        """Write an item into the file's metadata."""
        with self._writable():
            self._dataset.SetMetadataItem(name, text)

    def set_statistics(self, band: int, statistics: Statistics) -> None:
        """Write the statistics of a band (from 1) into the file, as GDAL keeps them."""
        with self._writable():
            target = self._dataset.GetRasterBand(band)
            target.SetStatistics(*statistics[:4])
            target.SetMetadataItem("STATISTICS_VALID_PERCENT", f"{100 * statistics.valid_share:.4g}")

    def add_overviews(self, resampling: str, progress: Progress) -> None:
        """Add smaller versions of the raster, each with pixels of twice the side, until one block holds all.

        Parameters
        ----------
        resampling : str
            GDAL's name of the method, such as ``AVERAGE``; nodata is left out.
        progress : Progress
        """
        factors = [
            2**power for power in range(1, 31) if max(self._grid.width, self._grid.height) > BLOCK_SIZE << power - 1
        ]

        def report(share: float, _text: str, _data: object) -> int:
            progress.report(share, "Adding overviews")
            return 0 if progress.cancelled() else 1

        with self._writable():
            self._dataset.FlushCache()
            try:
                if factors:
                    self._dataset.BuildOverviews(resampling, factors, report)
            finally:
                progress.check()

    def _close(self) -> None:
        with reported_failures():
            self._dataset.FlushCache()
            self._dataset = None

    @contextlib.contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            raise OutputError(f"The output {self.path} cannot be written: {error}") from error


def _opened(path: str) -> gdal.Dataset:
    try:
        return gdal.OpenEx(path, gdal.OF_RASTER)
    except RuntimeError as error:
        raise InvalidRasterError(f"{path} cannot be read as a raster: {error}") from error


@contextlib.contextmanager
def _readable(path: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise InvalidRasterError(f"{path} cannot be read; it may be damaged: {error}") from error


def _equal(stored: NDArray[Any], nodata: float | None) -> NDArray[np.bool_] | bool:
    """Return which whole numbers are the nodata value, compared as whole numbers of their type."""
    limits = np.iinfo(stored.dtype)
    if nodata is None or not (float(nodata).is_integer() and limits.min <= nodata <= limits.max):
        return False
    equal: NDArray[np.bool_] = stored == stored.dtype.type(int(nodata))
    return equal


def _described(band: gdal.Band, number: int) -> Band:
    dtype = np.dtype(gdal_array.GDALTypeCodeToNumericTypeCode(band.DataType)).name
    scale, offset = band.GetScale(), band.GetOffset()
    return Band(
        role_of(band.GetDescription(), gdal.GetColorInterpretationName(band.GetColorInterpretation()), number),
        dtype,
        band.GetNoDataValue(),
        1.0 if scale is None else scale,
        0.0 if offset is None else offset,
        band.GetUnitType(),
    )


def _grid_of(dataset: gdal.Dataset) -> Grid:
    reference = dataset.GetSpatialRef()
    crs = reference.ExportToWkt() if reference is not None else ""
    return Grid(dataset.RasterXSize, dataset.RasterYSize, tuple(dataset.GetGeoTransform()), crs)


def _reflected(start: int, count: int, size: int) -> NDArray[np.intp]:
    """Return indices 0..size-1 of the pixels start..start+count-1 of a line that is mirrored about its end pixels."""
    period = max(2 * (size - 1), 1)
    indices = np.arange(start, start + count) % period
    return np.minimum(indices, period - indices) if size > 1 else np.zeros(count, np.intp)


def _created(path: str, grid: Grid, bands: Sequence[Band]) -> gdal.Dataset:
    kind = np.dtype(bands[0].dtype)
    # A raster within one block would be padded to it; it is stored as one strip.
    tiled = max(grid.width, grid.height) > BLOCK_SIZE
    options = [
        *([f"BLOCKXSIZE={BLOCK_SIZE}", "TILED=YES"] if tiled else []),
        f"BLOCKYSIZE={BLOCK_SIZE if tiled else grid.height}",
        "COMPRESS=DEFLATE",
        f"PREDICTOR={3 if kind.kind == 'f' else 2}",
        "BIGTIFF=IF_SAFER",
        # Three or four byte bands are not red, green, blue and alpha here.
        "PHOTOMETRIC=MINISBLACK",
        "ALPHA=NO",
        # More effort costs several times as long and leaves the size of measurements, or of labels, nearly as it is.
        f"ZLEVEL={1 if kind.kind == 'f' or kind.itemsize == 2 else 4}",
    ]
    code = gdal_array.NumericTypeCodeToGDALTypeCode(kind.type)
    dataset = gdal.GetDriverByName("GTiff").Create(path, grid.width, grid.height, len(bands), code, options)
    dataset.SetGeoTransform(grid.geotransform)
    if grid.crs:
        dataset.SetSpatialRef(spatial_reference(grid.crs))
    for number, band in enumerate(bands, start=1):
        _describe(dataset.GetRasterBand(number), band)
    return dataset


def _describe(target: gdal.Band, band: Band) -> None:
    target.SetDescription(band.role)
    if band.unit:
        target.SetUnitType(band.unit)
    if band.nodata is not None:
        target.SetNoDataValue(band.nodata)
    if (band.scale, band.offset) != (1.0, 0.0):
        target.SetScale(band.scale)
        target.SetOffset(band.offset)


def to_stored(values: NDArray[Any], band: Band) -> NDArray[Any]:
    """Return physical values as the numbers that the band stores, its nodata for NaN."""
    kind = np.dtype(band.dtype)
    numbers = values if (band.scale, band.offset) == (1.0, 0.0) else (values - band.offset) / band.scale
    invalid = np.isnan(numbers)
    if kind.kind != "f":
        limits = np.iinfo(kind)
        numbers = np.clip(np.rint(numbers), limits.min, limits.max)
    if band.nodata is not None:
        numbers = np.where(invalid, band.nodata, numbers)
    return numbers.astype(kind)
