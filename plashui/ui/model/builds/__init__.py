"""Builds from the app, as plain values.

wanted
    What the form of a build says: a command, macros, or a file; as plan and as command.
form
    The form itself, with the fields that a file asks for.
step_lines
    The steps as lines: what is in the cache, what runs, what has failed.
work
    The job that builds, and what it tells of its steps.
"""
