"""What can be done to a store: build, squash, remove, restore, shrink, clean."""
