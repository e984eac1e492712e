"""Questions and forms, one a file: a box over the screen that is answered once."""
