"""Inventories after the standard of the IPA action group RGIK: writing, measuring and checking them."""
