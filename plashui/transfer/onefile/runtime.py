"""The program in front of the squashfs: where it ends, and its stamp."""

from __future__ import annotations

import hashlib
import os
import struct

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper.app_runtime import REMEDY, WHY, runtime_path
from plashui.model.platform import this_machine
from plashui.transfer.squashfs.reader import is_squashfs

if TYPE_CHECKING:
    from typing import BinaryIO, Final

STAMP: Final = b"plash-app-stamp\0"
_MACHINES: Final = {"amd64": "x86_64", "arm64": "aarch64"}
DIGEST: Final = 64
"""The characters of the digest that follows the stamp."""
HEAD: Final = 64
"""The bytes of a file that tell what it is."""
_ELF: Final = b"\x7fELF"
_APPIMAGE: Final = b"AI\x02"
_PIECE: Final = 1 << 20
_MOST_RUNTIME: Final = 64 << 20


def runtime(architecture: str = "") -> bytes:
    """Return the runtime for an architecture, in Go's words; "" is this machine's.

    Its stamp is empty. Raises PlashError if it was not built.
    """
    machine = ""
    if architecture not in ("", this_machine().architecture):
        machine = _MACHINES.get(architecture, architecture)
    path = runtime_path(machine)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise _missing(path.name, architecture if machine else "") from None
    except OSError as error:
        raise PlashError(f"cannot read {path}: {error.strerror}") from error
    if end_of_elf(data) != len(data) or data.count(STAMP) != 1:
        raise PlashError(f"{path} is not a runtime", "Install plashui anew")
    return data[:8] + _APPIMAGE + data[8 + len(_APPIMAGE) :]


def _missing(name: str, architecture: str) -> PlashError:
    if not architecture:
        return PlashError(f"cannot make an app without {name}: {WHY}", REMEDY)
    return PlashError(
        f"cannot make an app of an image for {architecture}: there is no {name}",
        "Build plashui where there is a compiler for that machine",
    )


def end_of_elf(head: bytes) -> int | None:
    """Return where a program ends, from its first 64 bytes; None if it is not one."""
    if len(head) < HEAD or head[:4] != _ELF or head[5] != 1:
        return None
    if head[4] == 2:
        (sections,) = struct.unpack_from("<Q", head, 0x28)
        size, count = struct.unpack_from("<HH", head, 0x3A)
    else:
        (sections,) = struct.unpack_from("<I", head, 0x20)
        size, count = struct.unpack_from("<HH", head, 0x2E)
    return int(sections + size * count)


def squashfs_offset(file: BinaryIO) -> int | None:
    """Return where the squashfs in a file begins; None if there is none."""
    head = os.pread(file.fileno(), HEAD, 0)
    offset = 0 if is_squashfs(head) else end_of_elf(head)
    if offset is None or not is_squashfs(os.pread(file.fileno(), 4, offset)):
        return None
    return offset


def is_appimage(head: bytes) -> bool:
    """Return whether a file that begins so is an AppImage of type 2."""
    return head[:4] == _ELF and head[8:11] == _APPIMAGE


def stamp_of(file: BinaryIO, end: int) -> str | None:
    """Return the digest in the runtime of an open file; None if it has no stamp."""
    if end > _MOST_RUNTIME:
        return None
    program = os.pread(file.fileno(), end, 0)
    at = program.find(STAMP)
    digest = program[at + len(STAMP) :][:DIGEST]
    return digest.decode("ascii", "replace") if at >= 0 else None


def digest_of(file: BinaryIO, start: int) -> str:
    """Return the SHA-256 of an open file from a byte on, in hexadecimal."""
    found = hashlib.sha256()
    while piece := os.pread(file.fileno(), _PIECE, start):
        found.update(piece)
        start += len(piece)
    return found.hexdigest()
