"""Errors, progress, text and files: for all to use; nothing here knows of images."""
