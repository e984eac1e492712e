"""What is removed: the dialogs before it, and before old trash is deleted."""
