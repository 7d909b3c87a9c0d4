"""Terrain attributes of DEMs."""
