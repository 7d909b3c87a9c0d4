"""Local contrast: faint texture as large as any, and nothing where there is none."""

from __future__ import annotations

import torch
from rock_glacier_mapper.core.training.localcontrast import LocalContrast


def contrast_of(band):
    layer = LocalContrast(("slope", "B08"))
    image = torch.stack([torch.zeros_like(band), band])[None]
    appended = layer(image)
    assert (appended[:, :2] == image).all()
    assert layer.roles == ("slope", "B08", "contrast of B08") and appended.shape[1] == 3
    return appended[0, 2]


def test_faint_stripes_are_as_large_as_bold_ones():
    """Stripes of two pixels, 3 times and a third of a band's deviation, on ground of another brightness."""
    stripes = (torch.arange(40) // 2 % 2 * 2.0 - 1.0).expand(40, 40)
    bold, faint = (contrast_of(size * stripes + level)[10:30, 10:30] for size, level in ((3.0, -1.0), (0.33, 2.0)))
    assert (bold.sign() == stripes[10:30, 10:30]).all() and (faint.sign() == stripes[10:30, 10:30]).all()
    assert float((bold - faint).abs().max()) < 0.05
    assert 0.8 < float(bold.abs().mean()) < 1.2


def test_even_ground_has_no_contrast_up_to_the_edge():
    """What lies beyond an edge does not count, and noise far below that of the samples stays small."""
    torch.manual_seed(0)
    even = torch.full((30, 30), 3.0)
    assert float(contrast_of(even).abs().max()) < 1e-3
    assert float(contrast_of(even + 0.002 * torch.randn(30, 30)).abs().max()) < 0.3


def test_without_optical_bands_nothing_is_appended():
    """A stack of terrain alone is given as it is."""
    layer = LocalContrast(("slope", "coherence"))
    image = torch.randn(1, 2, 8, 8)
    assert layer(image) is image and layer.roles == ("slope", "coherence")
