"""The map of what fills the disk, as plain values: blocks, colours, characters."""
