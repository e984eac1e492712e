"""What the app shows, worked out as plain values: rows, filter, map, forms, jobs."""
