"""What the screens are made of, one widget a file: the tree, the map, lists, fields."""
