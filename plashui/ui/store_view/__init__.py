"""How the main screen knows the store: reads it, follows it, shows it."""
