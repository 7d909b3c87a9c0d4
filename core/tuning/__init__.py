"""Tuning the thresholds and ramps of rule sets against a reference."""
