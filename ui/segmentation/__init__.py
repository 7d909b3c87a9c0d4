"""Trying segmentations out on the part of the map that is in view."""
