"""Builds from the app, as plain values.

wanted
    What the form of a build says: a command, macros, or a file; as plan and as command.
file_fields
    The fields that a file asks for.
plan_lines
    What a build would do, before it does it.
work
    The job that builds, and what it tells of its steps.
"""
