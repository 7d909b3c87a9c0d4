"""The files of a model: an ONNX file with metadata inside, and the STAC item beside it.

Metadata is written as protocol-buffer bytes, so that the `onnx` package is not needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InvalidModelError
from .card import ModelCard
from .cardmetadata import stac_properties
from .externaldata import has_external_data
from .models import find_model

_METADATA_PROPS = 14
_KEY = 1
_VALUE = 2
_LENGTH_DELIMITED = 2
# A multihash begins with the codes of the function and of its length in bytes.
_MULTIHASH_OF_SHA256 = "1220"
_STAC_EXTENSIONS = (
    "https://stac-extensions.github.io/mlm/v1.5.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
)


def attach_metadata(model: bytes, metadata: Mapping[str, str]) -> bytes:
    """Return an ONNX model with entries added to its metadata.

    Fields of a protocol buffer may come in any order and repeated ones may be scattered, so the entries
    (`ModelProto.metadata_props`, field 14, messages of type StringStringEntryProto) are appended to the file's bytes.

    Parameters
    ----------
    model : bytes
        The content of an ONNX file that does not have these keys yet.
    metadata : mapping of str to str
        The entries.
    """
    entries = (
        _length_delimited(_KEY, key.encode()) + _length_delimited(_VALUE, value.encode())
        for key, value in metadata.items()
    )
    return model + b"".join(_length_delimited(_METADATA_PROPS, entry) for entry in entries)


def stac_item(card: ModelCard, file_name: str, model: bytes) -> dict[str, Any]:
    """Return the card as a STAC item for the file beside the model.

    Parameters
    ----------
    card : ModelCard
        The card.
    file_name : str
        Name of the ONNX file, in the same folder.
    model : bytes
        Its content. The item holds its SHA-256, also as a multihash, as STAC's file extension asks.
    """
    sha256 = hashlib.sha256(model).hexdigest()
    asset = {
        "href": f"./{file_name}",
        "type": "application/octet-stream; application=onnx",
        "roles": ["mlm:model"],
        "mlm:artifact_type": "ONNX",
        "file:checksum": f"{_MULTIHASH_OF_SHA256}{sha256}",
        "rock_glacier_mapper:sha256": sha256,
    }
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": list(_STAC_EXTENSIONS),
        "id": card.name,
        "geometry": None,
        "properties": stac_properties(card),
        "links": [],
        "assets": {"model": asset},
    }


def read_model(model: str) -> bytes:
    """Return the content of a model that is complete, needs no other file, and is what the item beside it says.

    Parameters
    ----------
    model : str
        The name of a shipped model, or the path of an .onnx file.

    Raises
    ------
    InvalidModelError
        If there is no such file, it cannot be read, is no ONNX model or only a part of one, refers to other files, or
        has another checksum than the STAC item beside it states.
    """
    path = find_model(model)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidModelError(f"The model {model} cannot be read: {error.strerror}.") from error
    if not content:
        raise InvalidModelError(f"The model {model} is empty; get the file again.")
    stated, found = stated_sha256(path), hashlib.sha256(content).hexdigest()
    if stated is not None and stated != found:
        raise InvalidModelError(
            f"The model {model} has the SHA-256 {found}, but {path.with_suffix('.json').name} beside it says {stated}. "
            "The file is damaged or another one; get both files again."
        )
    require_own_weights(content, model)
    return content


def require_own_weights(content: bytes, name: str) -> None:
    """Refuse a model that is no complete file, or refers to others.

    Parameters
    ----------
    content : bytes
        The content of an ONNX file.
    name : str
        The model's name for messages.

    Raises
    ------
    InvalidModelError
        If it is not complete, or keeps weights elsewhere.
    """
    try:
        external = has_external_data(content)
    except ValueError as error:
        raise InvalidModelError(
            f"{name} is no ONNX model, or only a part of one ({error}). Give a complete .onnx file."
        ) from error
    if external:
        raise InvalidModelError(
            f"The model {name} keeps weights in other files, which is refused. "
            "Save it as one file with its weights inside."
        )


def stated_sha256(model: Path) -> str | None:
    """Return the checksum that the STAC item beside a model states for it, in hexadecimal digits.

    Parameters
    ----------
    model : Path
        The ONNX file. Its item has the same name with the suffix .json.

    Returns
    -------
    str or None
        None where there is no such item, it is about another file, or the checksum is of another kind.
    """
    try:
        item = json.loads(model.with_suffix(".json").read_text("utf-8"))
        asset = item["assets"]["model"]
        described = Path(asset["href"]).name
        checksum = str(asset["file:checksum"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    usable = described == model.name and checksum.startswith(_MULTIHASH_OF_SHA256)
    return checksum.removeprefix(_MULTIHASH_OF_SHA256).lower() if usable else None


def _length_delimited(field: int, payload: bytes) -> bytes:
    return _varint(field << 3 | _LENGTH_DELIMITED) + _varint(len(payload)) + payload


def _varint(number: int) -> bytes:
    """Encode a non-negative integer, seven bits a byte, the lowest first."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
