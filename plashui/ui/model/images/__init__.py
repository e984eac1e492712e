"""The tree of images, as plain values: which are shown, in what order, and how."""
