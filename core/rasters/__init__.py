"""Rasters: grids and windows on them, reading and writing, resampling, tiling, band roles."""
