"""The tabs of an image's details, one a file: overview, layers, changes, files."""
