"""Object features: what is measured of objects."""
