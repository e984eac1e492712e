"""The command line, a family of verbs a file: parse the words, call, print.

`table` lists every verb. What verbs do to a store is in `operations` and `transfer`.
"""
