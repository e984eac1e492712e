"""The image without files, apart from `forest`, which takes long to load."""

EMPTY_IMAGE = 0
"""The id of the special image without files at the bottom of every chain."""
