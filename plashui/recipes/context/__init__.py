"""The files of a directory that a build may take: which, and what is in them.

Nothing is found by a path that a link could lead elsewhere: the directory is the root
of all that is opened in it. The patterns are docker's, which are those of Go, and
those of ignore files, which also know `**` and `!`.
"""
