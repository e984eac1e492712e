"""What can be done on the main screen, a family of actions a file.

`table` lists every action with its key, its help and the command line it stands for.
"""
