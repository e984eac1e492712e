"""What the app shows, as plain values without a widget; a room for each part of it.

text
    Styled lines and bars, and files of any size as lines.
images
    The tree of images: filter, order, folds, rows and their cells.
map
    The map of what fills the disk: where its blocks lie, their colours and characters.
details
    The lines that describe one image, for the tabs Overview and Layers.
paths
    Trees of files: of an image, of changes, of packages, of what differs.
forms
    Forms and their fields, what is typed in them, and what is remembered of it.
jobs
    What runs in the background: progress, log, cancel, the layers of a pull.
sources
    Where images are imported from: the table, how each is loaded, prices and tags.
exports
    The forms of exports and mounts, and the job that exports.
builds
    The form of a build, its steps as lines, and its job.

Beside them: the type of actions, what `u` undoes, entries of the trash, messages of
workers, and the interface of the app (`host`).
"""
