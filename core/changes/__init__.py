"""Outlines of two dates compared, landform by landform."""
