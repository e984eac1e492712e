"""Trees of paths that open and close, as plain values.

`path_rows` is what all of them share; each other module has one kind of tree: the files
of an image, changes, packages, what differs. `leaving_out` marks changes of a shell
that are not saved.
"""
