"""The terminal: colours, signs, and lending it to another program."""
