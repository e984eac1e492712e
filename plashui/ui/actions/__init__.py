"""The actions of the main screen, one family per file.

`table` lists every action with its key, its help and the matching command line; what it
lists is in `entries`.
"""
