"""Polygon layers: reading, writing, and polygons that share their borders."""
