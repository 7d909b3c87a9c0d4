"""Heatmaps: a network applied to a feature stack, tile by tile, as if to the whole at once."""
