"""Jobs in the background, as plain values, and the layers of a pull as lines."""
