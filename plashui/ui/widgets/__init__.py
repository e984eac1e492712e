"""The widgets, one per file: the tree, the map, lists, fields, bars."""
