"""The images of a store as pure values: no files, no processes."""
