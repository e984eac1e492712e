"""One executable file: the runtime in front of an image."""
