"""Questions and forms, one a file: a box over the screen that answers once."""
