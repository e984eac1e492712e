"""Images in and out of the store: archives and directories."""
