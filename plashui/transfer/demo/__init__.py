"""The store of the demo: images with names people know, made offline without root.

`contents` is the table of what it holds, `make` makes it. The shells, commands and
libraries in the images are this machine's own, copied by `host_tree`; other files have
the names and sizes of what such images hold, filled with bytes of this machine's files.
"""
