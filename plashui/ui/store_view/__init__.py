"""How the main screen knows the store: it reads it, follows it, and shows it."""
