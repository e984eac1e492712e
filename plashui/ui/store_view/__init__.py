"""What the main screen holds: objects that read, follow and show one store."""
