"""The verbs that bring images out."""
