"""What the details say of an image, as lines: the tabs Overview and Layers."""
