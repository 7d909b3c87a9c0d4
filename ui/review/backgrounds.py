"""What lies below the outlines: one stack of bands, shown in several ways."""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import (
    Qgis,
    QgsContrastEnhancement,
    QgsHillshadeRenderer,
    QgsMultiBandColorRenderer,
    QgsRasterDataProvider,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRasterRenderer,
    QgsSingleBandGrayRenderer,
)

TRUE_COLOUR, FALSE_COLOUR, HILLSHADE, HEATMAP, COHERENCE = "true", "false", "hillshade", "heatmap", "coherence"
_SUN = (315.0, 45.0)


@dataclass(frozen=True)
class Background:
    """One way to show the stack: its name, what it is good for, and the bands of it by role, in each vocabulary."""

    key: str
    title: str
    help: str
    bands: tuple[tuple[str, ...], ...]


BACKGROUNDS = (
    Background(
        TRUE_COLOUR,
        "True colour",
        "Red, green, blue: as the eye sees it.",
        (("B04", "B03", "B02"), ("red", "green", "blue")),
    ),
    Background(
        FALSE_COLOUR,
        "False colour",
        "Near infrared, red, green: vegetation is red, debris grey.",
        (("B08", "B04", "B03"), ("nir", "red", "green")),
    ),
    Background(HILLSHADE, "Hillshade", "Relief in light from the north-west.", (("hillshade",), ("elevation",))),
    Background(HEATMAP, "Heatmap", "How likely the network finds each pixel.", (("heatmap",),)),
    Background(
        COHERENCE,
        "Coherence",
        "Dark where the surface changes between radar images.",
        (("coherence",), ("coherence_mean",)),
    ),
)


class Look:
    """How a raster looked before the review."""

    def __init__(self, layer: QgsRasterLayer) -> None:
        self._renderer = layer.renderer().clone()
        provider = layer.dataProvider()
        self._resampling = (
            layer.resamplingStage(),
            provider.zoomedInResamplingMethod(),
            provider.isProviderResamplingEnabled(),
        )

    def restore(self, layer: QgsRasterLayer) -> None:
        """Give a raster its look back."""
        stage, method, on = self._resampling
        layer.setRenderer(self._renderer)
        layer.setResamplingStage(stage)
        layer.dataProvider().setZoomedInResamplingMethod(method)
        layer.dataProvider().enableProviderResampling(on)
        layer.triggerRepaint()


def roles(layer: QgsRasterLayer | None) -> dict[str, int]:
    """Return the numbers of a raster's bands by role."""
    if layer is None or not layer.isValid():
        return {}
    # QGIS writes `Band 1: B02`.
    names = {number: layer.bandName(number).partition(": ")[2] for number in range(1, layer.bandCount() + 1)}
    return {name: number for number, name in reversed(names.items()) if name}


def band(layer: QgsRasterLayer | None, *names: str) -> int | None:
    """Return the first band that has one of some roles; the only band of a raster of one."""
    have = roles(layer)
    found = next((have[name] for name in names if name in have), None)
    if found is None and layer is not None and layer.isValid() and layer.bandCount() == 1:
        return 1
    return found


def available(layer: QgsRasterLayer | None, background: Background) -> tuple[int, ...]:
    """Return the bands by which a stack can be shown in a way; none where it lacks them."""
    have = roles(layer)
    return next((tuple(have[name] for name in names) for names in background.bands if set(names) <= set(have)), ())


def show(layer: QgsRasterLayer, background: Background) -> bool:
    """Show a stack in a way; return whether it has the bands."""
    bands = available(layer, background)
    if not bands:
        return False
    renderer, stretched = _renderer(layer, background, bands)
    layer.setRenderer(renderer)
    _smooth(layer, background.key == HILLSHADE)
    if stretched:
        layer.setContrastEnhancement(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
            QgsRasterMinMaxOrigin.Limits.CumulativeCut,
        )
    layer.triggerRepaint()
    return True


def _smooth(layer: QgsRasterLayer, on: bool) -> None:
    """Let elevations be interpolated before they are shaded, or each pixel would be a step."""
    provider = layer.dataProvider()
    stages, methods = Qgis.RasterResamplingStage, QgsRasterDataProvider.ResamplingMethod
    layer.setResamplingStage(stages.Provider if on else stages.ResampleFilter)
    provider.setZoomedInResamplingMethod(methods.Cubic if on else methods.Nearest)
    provider.enableProviderResampling(on)


def _renderer(layer: QgsRasterLayer, background: Background, bands: tuple[int, ...]) -> tuple[QgsRasterRenderer, bool]:
    provider = layer.dataProvider()
    if len(bands) > 1:
        return QgsMultiBandColorRenderer(provider, *bands), True
    if bands[0] == roles(layer).get("elevation"):
        return QgsHillshadeRenderer(provider, bands[0], *_SUN), False
    return QgsSingleBandGrayRenderer(provider, bands[0]), True
