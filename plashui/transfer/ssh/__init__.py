"""Pushing to a machine without a registry: its engine pulls through the user's ssh.

`address` reads where that is, `push` serves the image through a reverse tunnel while
`far_side.sh`, which runs there, has an engine pull it.
"""
