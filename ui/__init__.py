"""Docks and dialogs of the plugin; they never compute, and talk to the engine through `host`."""
