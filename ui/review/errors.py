"""What may go wrong in a review, as sentences for the person who reviews."""

from __future__ import annotations


class ReviewError(Exception):
    """Something cannot be done; the message says what, why, and what to do. Nothing was changed."""
