"""The trash: the images in it, and the record of each, which a restore needs."""
