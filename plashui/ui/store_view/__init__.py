"""The objects of the main screen that read, follow and show one store."""
