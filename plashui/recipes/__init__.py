"""Recipes: how images are made, written down as macros or as a Containerfile.

words
    A list of macros, read from a command line or a file.
macros
    What each macro means; they compile to a plan.
containerfile
    The language of Containerfiles (Dockerfiles); it compiles to a plan, too.
plan
    Stages and their steps as plain values.
cache
    Which steps have been done before; `misses` tells why one has not. `key_parts` has
    what the key of a step is made of.
look
    What a plan would do.
build
    A plan carried out; `step` does one step of it.
"""
