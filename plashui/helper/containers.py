"""The commands docker and podman of this machine, which have the same words."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.helper.process import wait_for_children

if TYPE_CHECKING:
    import subprocess
    from typing import Final

_PIECE: Final = 1 << 18
_SAID: Final = 1 << 16
COMMANDS: Final = ("docker", "podman")


class Containers:
    """One of the commands, `name`."""

    def __init__(self, name: str = "") -> None:
        """Find the command of this name, by default docker, else podman."""
        import shutil

        names = (name,) if name else COMMANDS
        found = next((path for one in names if (path := shutil.which(one))), None)
        if found is None:
            which = f"{name} is not" if name else "neither docker nor podman is"
            raise PlashError(
                f"{which} installed", "`plash pull:oci` needs neither of them"
            )
        self.name, self._path = os.path.basename(found), found  # noqa: PTH119

    def has(self, image: str, cancel: Cancel | None = None) -> bool:
        """Return whether an image is there."""
        return not self._run(("image", "inspect", "--", image), None, cancel)[0]

    def pull(self, image: str, cancel: Cancel | None = None) -> None:
        """Fetch an image, or a newer one."""
        status, said = self._run(("pull", "--", image), None, cancel)
        if status:
            raise self._failure("pull", image, said)

    def remove(self, image: str) -> None:
        """Remove an image from there; one that is in use stays."""
        self._run(("image", "rm", "--", image), None, None)

    def save(
        self, image: str, write: Callable[[bytes], None], cancel: Cancel | None = None
    ) -> None:
        """Pass to `write` the archive of an image, with its layers and its config."""
        status, said = self._run(("save", "--", image), write, cancel)
        if status:
            raise self._failure("save", image, said)

    def _failure(self, what: str, image: str, said: str) -> PlashError:
        lines = [line for line in said.splitlines() if line.strip()]
        why = clean(lines[-1])[:300] if lines else "it failed"
        return PlashError(f"cannot {what} {clean(image)}: {self.name} says: {why}")

    def _run(
        self,
        words: Sequence[str],
        write: Callable[[bytes], None] | None,
        cancel: Cancel | None,
    ) -> tuple[int, str]:
        """Run it; return its status and what it says. It ends when nobody reads."""
        import subprocess
        import tempfile

        wait_for_children()
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    [self._path, *words],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                )
            except OSError as error:
                raise PlashError(f"cannot start {self.name}: {error}") from error
            if cancel is not None:
                cancel.on_cancel(process.terminate)
            try:
                _pass_on(process, write)
            except BaseException:
                process.terminate()
                raise
            finally:
                if process.stdout is not None:
                    process.stdout.close()
                process.wait()
                if cancel is not None:
                    cancel.forget(process.terminate)
            if cancel is not None and cancel.is_set():
                raise Cancelled
            said.seek(0)
            text = said.read(_SAID).decode("utf-8", "replace")
        return process.returncode, text


def _pass_on(
    process: subprocess.Popen[bytes], write: Callable[[bytes], None] | None
) -> None:
    assert process.stdout is not None  # noqa: S101 - the pipe was asked for
    while data := process.stdout.read(_PIECE):
        if write is not None:
            write(data)
