"""The node that sums up many coherence rasters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class CoherenceStatisticsAlgorithm(StageAlgorithm):
    """Sum up coherence over many pairs."""

    STAGE = "coherencestatistics"
    INPUTS = "INPUTS"
    STATISTIC = "STATISTIC"
    COUNT = "COUNT"
    MIN_DAYS = "MIN_DAYS"
    MAX_DAYS = "MAX_DAYS"
    SEASON_START = "SEASON_START"
    SEASON_END = "SEASON_END"
    UNIT = "UNIT"
    RESAMPLING = "RESAMPLING"
    MIN_COUNT = "MIN_COUNT"
    OUTPUT_TYPE = "OUTPUT_TYPE"
    OUTPUT = "OUTPUT"
    PAIRS = "PAIRS"

    FIGURES: ClassVar = {PAIRS: "pairs"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Coherence statistics")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Prepare")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "prepare"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr(
            "sar,insar,sentinel-1,hyp3,snap,isce,gamma,mintpy,mean,median,temporal baseline,rock glacier"
        ).split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Computes mean, median, minimum or standard deviation of the coherence of many pairs.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Sums up the coherence of many pairs, pixel by pixel. One pair tells little: rain, late snow and "
            "the estimator itself make it noisy.</p>"
            "<p><b>Input</b>: geocoded coherence rasters of any processor, 0..1, 0..100 percent or 0..255. Two "
            "dates in a band's description, in the metadata, or in the name of the file or its folder tell the "
            "temporal baseline. Inputs on other grids are brought onto that of the first one. Where a file "
            "declares no nodata, 0 is none. <b>Output</b>: one band a statistic; the first of mean, median and "
            "minimum is the band coherence, which models use.</p>"
            "<p><b>How to choose</b>: select the pairs of the shortest baseline (at most 12 days, or 6) with both "
            "dates in the snow-free season: about days 182 to 273 in the Alps and the Himalaya, and 335 to 90 in "
            "the southern Andes; look at the imagery. The mean is what the shipped models were trained on; the "
            "median stands a bad pair, and the minimum shows what ever moved. Do not mix baselines.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_rasters(self.INPUTS, self.tr("Coherence rasters"))
        self.add_choice(self.STATISTIC, self.tr("Statistics"))
        self.add_truth(self.COUNT, self.tr("Write the number of pairs"))
        self.add_number(self.MIN_DAYS, self.tr("Shortest temporal baseline (days)"))
        self.add_number(self.MAX_DAYS, self.tr("Longest temporal baseline (days, 0: any)"))
        self.add_number(self.SEASON_START, self.tr("First day of the season (day of the year)"))
        self.add_number(self.SEASON_END, self.tr("Last day of the season (day of the year)"))
        self.add_choice(self.UNIT, self.tr("Unit of the inputs"), advanced=True)
        self.add_choice(self.RESAMPLING, self.tr("Resampling"), advanced=True)
        self.add_number(self.MIN_COUNT, self.tr("Least number of pairs a pixel"), advanced=True)
        self.add_choice(self.OUTPUT_TYPE, self.tr("Type of the numbers stored"), advanced=True)
        self.add_raster_output(self.OUTPUT, self.tr("Coherence statistics"))
        self.add_number_result(self.PAIRS, self.tr("Number of pairs"))
