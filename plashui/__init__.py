"""Layered root filesystems on your own machine: see them, enter them, prune them."""

__version__ = "0.1.0"
