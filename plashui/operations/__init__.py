"""What can be done to a store: build, squash, remove, restore, shrink, clean.

Each operation is one function, which the command line and the app both call.
"""
