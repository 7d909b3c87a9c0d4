"""Optical composites of many scenes."""
