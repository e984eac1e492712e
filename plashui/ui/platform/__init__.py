"""The terminal: its colours, its signs, and lending it to another program."""
