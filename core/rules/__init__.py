"""Rule sets: classes of objects by fuzzy rules."""
