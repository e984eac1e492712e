"""The entries of the table of actions, by what they are about."""
