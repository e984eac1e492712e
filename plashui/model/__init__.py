"""The images of a store as pure values: parents, children, names and sizes.

No files are read here and no programs started.
"""
