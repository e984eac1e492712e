"""The files that a step copies: which, from where, and what is in them.

tree
    Trees of files: a directory of this machine, an image, texts, an open file.
sources, web, repository
    The trees of a step's sources, opened and fetched.
chosen, patterns
    Which files a word means, and what is ignored; the patterns are docker's.
layer, archive
    The tar of the layer that they become; archives taken apart.
accounts, modes
    The names of owners, looked up in an image; modes as chmod takes them.

Nothing of this machine is found by a path that a link could lead elsewhere: the
directory is the root of all that is opened in it.
"""
