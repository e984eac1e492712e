"""The tabs of the details, one a file."""
