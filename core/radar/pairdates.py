"""Acquisition dates of interferometric pairs, as processors write them into names and metadata."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import NamedTuple

# What the coherence stage writes, PyRate and GAMMA's users, and MintPy and ISCE.
METADATA_KEY = "ACQUISITION_DATES"
_METADATA_KEYS = ((METADATA_KEY,), ("FIRST_DATE", "SECOND_DATE"), ("REFERENCE_DATE", "SECONDARY_DATE"))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# 20180806, 20180806T101112, 2018-08-06; SNAP writes 06Aug2018.
_DATE = re.compile(
    rf"(?<!\d)(?:(?P<year>(?:19|20)\d\d)(?P<dash>-?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)(?:T\d{{6}})?"
    rf"|(?P<snap_day>\d\d)(?P<snap_month>{'|'.join(_MONTHS)})(?P<snap_year>(?:19|20)\d\d))(?!\d)",
    re.IGNORECASE,
)


class Pair(NamedTuple):
    """The two dates of a pair, the earlier one first."""

    first: datetime.date
    second: datetime.date

    @property
    def days(self) -> int:
        """The temporal baseline, in days."""
        return (self.second - self.first).days

    def __str__(self) -> str:
        return f"{self.first:%Y%m%d}-{self.second:%Y%m%d}"


def dates_in(text: str) -> list[datetime.date]:
    """Return the dates in a text in their order, each once; digits that are no date do not count."""
    found: list[datetime.date] = []
    for match in _DATE.finditer(text):
        parts = match.groupdict()
        if parts["snap_month"]:
            year, month = parts["snap_year"], _MONTHS.index(parts["snap_month"].lower()) + 1
            day = parts["snap_day"]
        else:
            year, month, day = parts["year"], int(parts["month"]), parts["day"]
        try:
            date = datetime.date(int(year), month, int(day))
        except ValueError:
            continue
        if date not in found:
            found.append(date)
    return found


def pair_in(texts: Iterable[str]) -> Pair | None:
    """Return the first two dates of the first text that has two, None where none has."""
    for text in texts:
        dates = dates_in(text)
        if len(dates) > 1:
            return Pair(*sorted(dates[:2]))
    return None


def file_names(path: str) -> list[str]:
    """Return the name of a file and that of its folder, in a path or the name of a GDAL subdataset."""
    file = PurePath(path.split('"')[1] if path.count('"') > 1 else path)
    return [file.name, file.parent.name]


def metadata_texts(metadata: Mapping[str, str]) -> list[str]:
    """Return what metadata items say of the two dates."""
    items = {key.upper(): value for key, value in metadata.items()}
    return [" ".join(items[key] for key in keys if key in items) for keys in _METADATA_KEYS]


def in_season(date: datetime.date, start: int, end: int) -> bool:
    """Whether a date lies in a season of days of the year, ends included; it goes over New Year if it ends earlier."""
    day = date.timetuple().tm_yday
    return start <= day <= end if start <= end else day >= start or day <= end
