"""Tars of all kinds: their forms, layers of images, hostile ones."""
