"""What can be done on the main screen, a family a file: its keys and its methods."""
