"""The dialogs before and after a shell: in an image, and in a step that failed."""
