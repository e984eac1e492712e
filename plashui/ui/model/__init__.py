"""What the app shows, as plain values: rows, filter, map, forms, jobs."""
