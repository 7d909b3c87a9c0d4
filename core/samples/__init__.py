"""Samples to train on: chips of a stack with their masks, and the folder that holds them."""
