"""The review by hand: a journal in the GeoPackage, a queue of candidates, and the dock that shows them."""
