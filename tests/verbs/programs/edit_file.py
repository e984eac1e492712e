"""Edit a file of an image, and print the id of the image made of that.

Arguments: the store, the image, the path, and the new content.
"""

from __future__ import annotations

import sys

from plashui.operations import edit
from plashui.operations.session import shell_session
from plashui.store.store import Store

store, image, path, content = Store(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
with shell_session(store, image) as session:
    with edit.copied(store, image, path) as draft:
        draft.file.write_text(content)
        assert draft.changed()
        edit.put(session, draft)
    print(session.keep())
