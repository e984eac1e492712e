"""Read, compare and weigh files of images, and end processes, as the words say.

Arguments: the store, and calls as JSON: lists of words that each begin with the name of
a function below. Prints their results as JSON; an error is its sentence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

from plashui.base.errors import PlashError
from plashui.image.file_diff import FileDiff, Side, compare_files
from plashui.image.file_reader import Content
from plashui.image.shadowed import Shadow, shadows
from plashui.operations.squash import plan_squash
from plashui.processes.kill import end
from plashui.processes.ps import running
from plashui.store import disk_usage
from plashui.store.store import Store

store = Store(sys.argv[1])


def read(image: int, path: str) -> list[object]:
    """Read a file's size, a piece, what is left of one at the end, and beyond it."""
    c = Content(store, image, path)
    return [
        c.size,
        c.read(2, 5).decode(),
        len(c.read(c.size - 3, 9)),
        c.read(9 << 40, 5).decode(),
    ]


def read_while_removed(image: int, path: str, plashui: str) -> str:
    """Read a file whose image is removed once it is open."""
    content = Content(store, image, path)
    subprocess.run([plashui, "rm", str(image)], check=True)
    return content.read(0, 99).decode()


def compare(one: int, two: int, path: str) -> FileDiff:
    """Compare a file of two images."""
    return compare_files(store, Side(one, path), Side(two, path))


def hidden(image: int) -> list[object]:
    """Weigh what each layer of an image hides, and it before and after a squash."""
    forest = disk_usage.measured(store, store.read())
    found: list[tuple[int, Shadow]] = []
    shadows(store, forest, image, lambda *one: found.append(one))
    plan = plan_squash(store, forest, image)
    return [found, plan.before, plan.after]


def end_trap() -> int:
    """End the process that ignores SIGTERM: asked first, then killed. Its pid."""
    one = next(process for process in running(store) if "trap" in process.command)
    assert one.pid
    end(one)
    os.stat(f"/proc/{one.pid}")
    end(one, force=True)
    return one.pid


FUNCTIONS: dict[str, Callable[..., object]] = {
    function.__name__: function
    for function in (read, read_while_removed, compare, hidden, end_trap)
}
results = []
for name, *words in json.loads(sys.argv[2]):
    try:
        results.append(FUNCTIONS[name](*words))
    except PlashError as error:
        results.append(str(error))
print(json.dumps(results))
