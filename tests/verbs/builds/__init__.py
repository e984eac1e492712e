"""The verbs that make images."""
