"""Segmentation: rasters cut into objects."""
