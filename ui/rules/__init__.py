"""The rule editor: classes and conditions in a table, ramps to drag, and what they make of the objects at once."""
