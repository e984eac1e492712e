"""The verbs of the command line: one a file, each with `run`, which takes its words.

`table` lists them all, and says who does each. What is not a verb is shared: `parser`
(and `arguments`, for verbs that rarely need one), `synopsis` (how a verb is used),
`output` and `meter` (what is printed, progress), `signals` (how a verb ends by one),
`current_store`, `sizes`, `image_json`, `new_image`, `removals`, `unsaved_changes`.
`app` is what `plashui` does without a verb; `plain` is that in sentences.
"""
