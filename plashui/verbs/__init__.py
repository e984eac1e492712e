"""The verbs of the command line: one per file, each with a function `run`.

`table` lists all verbs with their functions. The other files are shared: `parser` (and
`arguments`, for verbs that rarely need one), `synopsis` (usage without a parser),
`output` and `meter` (output, progress), `signals` (ending by a signal),
`current_store`, `sizes`, `image_json`, `new_image`, `removals`, `unsaved_changes`.
`app` is `plashui` without a verb; `plain` prints the main screen as sentences.
"""
