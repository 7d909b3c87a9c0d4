"""A neural network in ONNX form: loaded from bytes, run tile by tile, stopped when told to or when it takes long."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from typing import Any, TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state

from ..background import SECONDS_BETWEEN_LOOKS, started
from ..errors import Cancelled, InvalidModelError
from ..progress import Progress
from .externaldata import has_loop
from .modelfile import read_model

CPU = "CPUExecutionProvider"
# TF32 keeps ten bits of a product: not enough for a heatmap that is the same to 1e-5 everywhere.
_GPU_PROVIDERS: dict[str, dict[str, str]] = {
    "CUDAExecutionProvider": {"use_tf32": "0"},
    "MIGraphXExecutionProvider": {},
    "ROCMExecutionProvider": {},
    "DmlExecutionProvider": {},
    "CoreMLExecutionProvider": {},
    # Left to itself it computes with 16 bits where the device has them.
    "OpenVINOExecutionProvider": {"device_type": "GPU", "precision": "FP32"},
}
_FLOAT_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
# Nobody waits longer for a tile by default; a network that loops is not trusted for that long.
SECONDS_A_RUN = 60.0
_SECONDS_OF_A_LOOP = 8.0
# How long a run that was told to stop is waited for: it looks between two layers only.
_SECONDS_TO_STOP = 1.5
# Tiles that a GPU gets at once where the network takes any number; on a CPU more than one gains nothing.
_GPU_BATCH = 4
_IMAGE_DIMENSIONS = ("batch", "band", "height", "width")
_MESSAGE_LENGTH = 300
_SILENT = 4
_OUT_OF_MEMORY = ("bad_alloc", "Failed to allocate", "smaller than requested bytes", "out of memory")

Result = TypeVar("Result")

# The runtime's exceptions have no base class of their own.
_RUNTIME_ERRORS: tuple[type[Exception], ...] = (
    *(
        kind
        for kind in vars(onnxruntime_pybind11_state).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ),
    RuntimeError,
    ValueError,
    MemoryError,
)


class Network:
    """A network that turns a tile of bands into a tile of class values.

    Parameters
    ----------
    model : str
        The name of a shipped model, or the path of an .onnx file. The file is read whole and needs no other file.
    device : {"automatic", "cpu", "gpu"}
        Where it should run.
    progress : Progress
        Is warned when a GPU was asked for but cannot be used.
    seconds : float
        How long loading may take, and a run.

    Attributes
    ----------
    name : str
        The model as it was given, for messages.
    sha256 : str
        Hexadecimal checksum of the file.
    metadata : dict of str to str
        The custom metadata in the file.
    provider : str
        Execution provider that really runs the network.
    channels : int or None
        Number of bands that it takes; None where any number is declared.
    size : int or None
        Side of the only tile that it takes, in pixels; None where the size is free.
    batch : int
        Number of tiles that it should be given at once.

    Raises
    ------
    InvalidModelError
        If there is no such file, or it cannot be read, is no complete ONNX model, is not what the STAC item beside it
        says, refers to other files, needs unknown operators, does not load in time, or does not take one image of
        numbers.
    """

    def __init__(self, model: str, device: str, progress: Progress, seconds: float = SECONDS_A_RUN) -> None:
        self.name = model
        content = read_model(model)
        self._loops = has_loop(content)
        self._seconds = min(seconds, _SECONDS_OF_A_LOOP) if self._loops else seconds
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._session = _session(self.name, content, device, progress, seconds)
        self.provider: str = self._session.get_providers()[0]
        self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        source = self._only_input()
        self._input: str = source.name
        self._dtype = _FLOAT_TYPES[source.type]
        self._batch, self.channels, self.size = self._checked_shape(source.shape)
        self.batch = self._batch or (1 if self.provider == CPU else _GPU_BATCH)
        self._output = self._chosen_output(progress)

    def run(self, tile: NDArray[np.float32], progress: Progress) -> NDArray[np.float32]:
        """Run the network on one tile.

        Parameters
        ----------
        tile : array of float32, shape (bands, height, width)
            Normalised values without NaN.
        progress : Progress
            As for `run_batch`, which raises the same.

        Returns
        -------
        array of float32, shape (classes, height, width)
        """
        image: NDArray[np.float32] = self.run_batch([tile], progress)[0]
        return image

    def run_batch(self, tiles: Sequence[NDArray[np.float32]], progress: Progress) -> NDArray[np.float32]:
        """Run the network on some tiles of one size at once.

        Parameters
        ----------
        tiles : sequence of arrays of float32, shape (bands, height, width)
            At most `batch`. Normalised values without NaN.
        progress : Progress
            Asked every tenth of a second whether to stop, in the calling thread; the run is then broken off.

        Returns
        -------
        array of float32, shape (tiles, classes, height, width)

        Raises
        ------
        Cancelled
            If the user stopped it.
        InvalidModelError
            If the network fails on the tiles, takes too long or too much memory, or gives no image.
        """
        settings = onnxruntime.RunOptions()
        settings.log_severity_level = _SILENT
        stacked = self._stacked(tiles)
        feed = {self._input: stacked}

        def stop() -> None:
            settings.terminate = True

        try:
            values = _within(
                self._seconds, lambda: self._session.run([self._output], feed, settings)[0], stop, progress
            )
        except TimeoutError as error:
            raise self._too_slow() from error
        except _RUNTIME_ERRORS as error:
            raise self._run_error(tiles[0], error) from error
        return self._images(values, len(stacked))[: len(tiles)]

    def _stacked(self, tiles: Sequence[NDArray[np.float32]]) -> NDArray[Any]:
        """Return the tiles as a batch; a network that takes one number of tiles only gets the last one repeated."""
        missing = (self._batch or len(tiles)) - len(tiles)
        several = len(tiles) + missing > 1
        stacked = np.stack([*tiles, *[tiles[-1]] * missing]) if several else tiles[0][None]
        return stacked.astype(self._dtype, copy=False)

    def _too_slow(self) -> InvalidModelError:
        return InvalidModelError(
            f"The model {self.name} took more than {self._seconds:g} seconds for one tile and was stopped. "
            "If you trust it, choose a smaller tile size or raise the time limit"
            + (f"; a network with loops gets {self._seconds:g} seconds at most." if self._loops else ".")
        )

    def _run_error(self, tile: NDArray[np.float32], error: Exception) -> InvalidModelError:
        bands, height, width = tile.shape
        what = f"on a tile of {bands} bands and {width} x {height} pixels"
        if isinstance(error, MemoryError) or any(words in str(error) for words in _OUT_OF_MEMORY):
            return InvalidModelError(
                f"The model {self.name} needs more memory {what} than there is or than the memory limit allows. "
                "Choose a smaller tile size, or raise the memory limit if you trust the model."
            )
        return InvalidModelError(
            f"The model {self.name} fails {what}: {_text(error)}. "
            "Try another tile size; if none works, the model is damaged."
        )

    def _images(self, values: Any, count: int) -> NDArray[np.float32]:
        """Return an output of shape (tiles, classes, h, w) or (tiles, h, w) as (tiles, classes, h, w)."""
        array = np.asarray(values)
        if array.ndim not in (3, 4) or array.shape[0] != count or array.dtype.kind not in "fiu" or 0 in array.shape:
            raise InvalidModelError(
                f"The model {self.name} gives {array.dtype.name} values of shape {array.shape} for {count} tile(s); "
                f"images of numbers, of shape ({count}, classes, height, width), are expected."
            )
        return array.reshape(len(array), -1, *array.shape[-2:]).astype(np.float32, copy=False)

    def _only_input(self) -> Any:
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            names = ", ".join(item.name for item in inputs) or "none"
            raise InvalidModelError(
                f"The model {self.name} has {len(inputs)} inputs ({names}); it must have exactly one."
            )
        if inputs[0].type not in _FLOAT_TYPES:
            raise InvalidModelError(
                f"The model {self.name} takes {inputs[0].type}; it must take {' or '.join(_FLOAT_TYPES)}."
            )
        return inputs[0]

    def _checked_shape(self, shape: Sequence[Any]) -> tuple[int | None, int | None, int | None]:
        """Return the batch, channels and side of the tile that the network declares, None for what is free."""
        if len(shape) != len(_IMAGE_DIMENSIONS):
            raise InvalidModelError(
                f"The model {self.name} takes an input of {len(shape)} dimensions; "
                f"it must have {', '.join(_IMAGE_DIMENSIONS)}."
            )
        batch, channels, height, width = (item if isinstance(item, int) and item > 0 else None for item in shape)
        if height != width:
            raise InvalidModelError(
                f"The model {self.name} takes tiles of height {height or 'free'} and width {width or 'free'}; "
                "export it with square or free tiles."
            )
        return batch, channels, height

    def _chosen_output(self, progress: Progress) -> str:
        """Return the name of the first output that can be an image."""
        outputs = self._session.get_outputs()
        images = [item.name for item in outputs if item.type in _FLOAT_TYPES and len(item.shape) in (0, 3, 4)]
        if not images:
            found = "; ".join(f"{item.name}: {item.type} of shape {item.shape}" for item in outputs)
            raise InvalidModelError(
                f"The model {self.name} gives no heatmap ({found}). "
                "An output of numbers with the dimensions batch, class, height and width is needed."
            )
        if len(outputs) > 1:
            progress.warn(f"The model has {len(outputs)} outputs; only the first image, {images[0]}, is used.")
        return str(images[0])


def uses_gpu(device: str) -> bool:
    """Whether a network on that device may run on a GPU."""
    return device != "cpu" and any(kind in onnxruntime.get_available_providers() for kind in _GPU_PROVIDERS)


def _session(name: str, content: bytes, device: str, progress: Progress, seconds: float) -> Any:
    """Return an inference session on the device asked for, or on the CPU where that is not possible."""
    gpus = [] if device == "cpu" else [kind for kind in _GPU_PROVIDERS if kind in onnxruntime.get_available_providers()]
    if device == "gpu" and not gpus:
        progress.warn("No GPU can be used by the installed onnxruntime; the network runs on the CPU.")
    if gpus:
        try:
            providers = [*((kind, _GPU_PROVIDERS[kind]) for kind in gpus), (CPU, {})]
            session = _created(name, content, providers, progress, seconds)
        except _RUNTIME_ERRORS as error:
            progress.warn(f"The GPU cannot be used ({_text(error)}); the network runs on the CPU.")
        else:
            if session.get_providers()[0] == CPU:
                progress.warn("The GPU's libraries cannot be loaded; the network runs on the CPU.")
            return session
    try:
        return _created(name, content, [(CPU, {})], progress, seconds)
    except _RUNTIME_ERRORS as error:
        raise InvalidModelError(f"{name} cannot be loaded as an ONNX model: {_text(error)}.") from error


def _created(
    name: str, content: bytes, providers: list[tuple[str, dict[str, str]]], progress: Progress, seconds: float
) -> Any:
    """Return a session; making it computes whatever does not depend on the tile, which may be endless."""
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = _SILENT
    settings.use_deterministic_compute = True
    # One block planned for a whole run takes a third more memory than the arena's pieces, and no less time.
    settings.enable_mem_pattern = False
    # Spinning threads take twice the processor time for nothing when others need the cores.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")

    def create() -> Any:
        return onnxruntime.InferenceSession(content, settings, providers=providers, enable_fallback=0)

    def stop() -> None:
        # It is looked at between two kinds of simplification only, and older runtimes do not know it.
        if hasattr(settings, "set_load_cancellation_flag"):
            settings.set_load_cancellation_flag(True)

    try:
        return _within(seconds, create, stop, progress)
    except TimeoutError as error:
        raise InvalidModelError(
            f"The model {name} took more than {seconds:g} seconds to load and was stopped. "
            "If you trust it, raise the time limit."
        ) from error


def _within(seconds: float, work: Callable[[], Result], stop: Callable[[], None], progress: Progress) -> Result:
    """Return the result of work in another thread; stop it when the user cancels or it takes longer."""
    deadline = time.monotonic() + seconds
    running = started(work)
    while not wait([running], SECONDS_BETWEEN_LOOKS).done:
        cancelled = progress.cancelled()
        if cancelled or time.monotonic() > deadline:
            stop()
            wait([running], _SECONDS_TO_STOP)
            raise Cancelled if cancelled else TimeoutError
    return running.result()


def _text(error: Exception) -> str:
    """Return the first line of a runtime's message, without its code, shortened."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    text = lines[0].rsplit("[ONNXRuntimeError] : ", 1)[-1]
    return text[:_MESSAGE_LENGTH].rstrip(" .")
