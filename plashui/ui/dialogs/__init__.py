"""Questions, one a file: a box over the screen that is answered once.

`form` shows any form of `ui/model`. The dialogs before something is removed are in
`removals`, those before and after a shell in `shells`.
"""
