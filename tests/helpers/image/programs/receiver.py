"""Receive an image's descriptors from engine:mountfd, and do with them what is told.

Arguments: `plash`, the store, the image, options. Prints the message and how many
descriptors came, then the answer to each line of input; a line is a list of words
in JSON, which begins with the name of a function below. The first two descriptors are
the mount and its root directory, called m and d.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable

program, store, image, *options = sys.argv[1:]
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
words = [program, "engine:mountfd", "--sock", str(theirs.fileno())]
subprocess.run([*words, *options, store, image], pass_fds=[theirs.fileno()], check=True)
text, fds, _flags, _address = socket.recv_fds(ours, 4096, 9)
called = {"m": fds[0], "d": fds[1]}
print(json.dumps([json.loads(text), len(fds)]), flush=True)


def entries(path: str) -> list[str]:
    """List a directory of the image."""
    fd = os.open(path, os.O_RDONLY, dir_fd=called["d"])
    try:
        return sorted(os.listdir(fd))
    finally:
        os.close(fd)


def read(which: str, path: str) -> str:
    """Read a file below one of the descriptors."""
    with open(os.open(path, os.O_RDONLY, dir_fd=called[which])) as file:
        return file.read()


def create(path: str, content: str) -> int:
    """Write a new file; the bytes written."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, dir_fd=called["d"]), "w") as file:
        return file.write(content)


def remove(path: str) -> None:
    """Remove a file."""
    os.unlink(path, dir_fd=called["d"])


def close(which: str = "") -> None:
    """Close one of the descriptors, or all."""
    for fd in [called[which]] if which else fds:
        os.close(fd)


FUNCTIONS: dict[str, Callable[..., object]] = {
    "entries": entries,
    "read": read,
    "create": create,
    "remove": remove,
    "close": close,
}
for line in sys.stdin:
    name, *operands = json.loads(line)
    try:
        value = FUNCTIONS[name](*operands)
    except OSError as error:
        value = error.strerror
    print(json.dumps(value), flush=True)
