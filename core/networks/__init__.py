"""Networks: model files and their cards, running them, making them smaller or dense."""
