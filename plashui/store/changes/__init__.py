"""What shells changed: the directories of changes, listed, split, put together.

`changes_directory` is one of them on disk, `saved_changes` all that a store has.
"""
