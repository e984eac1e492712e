"""The verbs of the command line: one per file, each with a function `run`.

`table` lists all verbs with their functions. Those that bring images in and out, and
those that make them, have rooms: `pulls`, `pushes`, `builds`. What all verbs have in
common is in `shared`. `app` is `plashui` without a verb; `plain` prints the main screen
as sentences.
"""
