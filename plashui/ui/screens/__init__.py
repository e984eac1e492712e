"""The screens of the app, one a file, and the shells that take their place."""
