"""The tabs of the details, one per file."""
