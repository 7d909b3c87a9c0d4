"""Accuracy of maps against reference inventories."""
