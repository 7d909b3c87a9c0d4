"""Interferometric coherence, and its statistics over many pairs."""
