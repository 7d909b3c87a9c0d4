"""Landforms: classified objects reshaped and outlined."""
