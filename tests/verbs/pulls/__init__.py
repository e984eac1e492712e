"""The verbs that bring images in."""
