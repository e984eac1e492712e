"""Show a file of an image in the person's pager, or edit it and settle the changes."""

from __future__ import annotations

import asyncio
import os
import shlex
import time
from contextlib import ExitStack
from typing import Final

from textual.app import SuspendNotSupported

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean, some
from plashui.helper.command import on_terminal
from plashui.operations import edit
from plashui.operations.build import ended
from plashui.operations.session import Session, shell_session
from plashui.ui.model import undo
from plashui.ui.model.text.lines import cut
from plashui.ui.platform.terminal import wait_for_enter
from plashui.ui.screens.shell import BRIEF, ImageShell, write
from plashui.ui.store_view.reader import StoreReader
from plashui.ui.store_view.view import StoreView

ON_FILES: Final = ("LESSOPEN", "LESSCLOSE")
"""Variables with programs that less runs on each file, which here is foreign."""


class FileProgram:
    """Give files of images to programs of this machine, on the real terminal."""

    def __init__(self, view: StoreView, reader: StoreReader) -> None:
        """Act on images of `view`; `reader` shows what became of the changes."""
        self.view, self.reader, self.host = view, reader, view.host
        self.shell = ImageShell(view, reader)

    async def page(self, image: int, path: str) -> None:
        """Show a file in the person's pager."""
        try:
            words = edit.pager(os.environ)
            with ExitStack() as stack:
                opening = edit.copied(self.view.store, image, path)
                draft = await asyncio.to_thread(stack.enter_context, opening)
                self._lend([*words, str(draft.file)], "the pager", stays=True)
                await asyncio.to_thread(stack.close)
        except (PlashError, OSError, SuspendNotSupported) as error:
            self.host.fail(error)

    async def edit(self, image: int, path: str) -> None:
        """Edit a file; then ask about the changes, as after a shell."""
        store = self.view.store
        try:
            words = edit.editor(os.environ)
            with ExitStack() as stack:
                opening = shell_session(store, image)
                session = await asyncio.to_thread(stack.enter_context, opening)
                session.origin = f"edit {path}"
                if await self._edited(session, words, path):
                    name = cut(clean(path.rpartition("/")[2]), 20)
                    await self.shell.settle(session, what=f"Edit of {name}")
                    if session.made is not None:
                        what = f"Edit {clean(path)}"
                        self.view.journal.note(undo.made(session.made, what))
                await asyncio.to_thread(stack.close)
        except (PlashError, OSError, SuspendNotSupported) as error:
            self.host.fail(error)
        self.reader.reread()

    async def _edited(self, session: Session, words: list[str], path: str) -> bool:
        """Run the editor; return whether there are changes now."""
        with ExitStack() as stack:
            opening = edit.copied(session.store, session.image, path)
            draft = await asyncio.to_thread(stack.enter_context, opening)
            status = self._lend([*words, str(draft.file)], "the editor")
            others = draft.others()
            if status and others:
                draft.kept = True
                left = some(map(clean, others), 60)
                place = draft.file.parent
                said = f"The editor {ended(status)}, and left {left} in {place}"
                self.host.tell(said, severity="warning")
            elif status:
                self.host.tell(f"The editor {ended(status)}", severity="warning")
            changed = await asyncio.to_thread(draft.changed)
            if changed:
                await asyncio.to_thread(edit.put, session, draft)
            else:
                self.host.tell(f"Nothing changed in {clean(path)}")
            await asyncio.to_thread(stack.close)
        return changed

    def _lend(self, argv: list[str], what: str, *, stays: bool = False) -> int:
        """Run a program on the real terminal; return its exit status.

        What it wrote `stays` until Enter is pressed, if it ended at once.
        """
        foreign = {k: v for k, v in os.environ.items() if k not in ON_FILES}

        def run() -> int:
            began = time.monotonic()
            status = on_terminal(argv, foreign)
            if stays and not status and time.monotonic() - began < BRIEF:
                write("\nEnter goes back. ")
                wait_for_enter()
            return status

        return self.shell.lend(shlex.join(argv), run, what, reads=False)
