"""What can be done on the main screen, a family a file, and the table of all."""
