"""The way in: the sample scene, its map and its review, one button each."""
