"""Pages that fill the screen and only show: a file, a file diff, all changes."""
