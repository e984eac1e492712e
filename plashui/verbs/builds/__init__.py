"""The verbs that make images: by a command, by macros, by Containerfiles."""
