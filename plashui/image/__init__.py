"""Looking into images: their layers, files, history and differences.

Nothing here changes an image.
"""
