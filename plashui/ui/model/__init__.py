"""What the app shows, as plain values: no widget."""
