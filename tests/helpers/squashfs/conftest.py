"""Our reader of squashfs as a program of its own, and trees to make images of."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, cannot
from tests.helpers.squashfs.files import Files, from_lines

HELPERS = CHECKOUT / "helpers"


def needs(program: str) -> None:
    """Skip the test where this is not installed."""
    if not shutil.which(program):
        cannot(f"{program} is not installed")


@dataclass(frozen=True)
class Reader:
    """The program of `reader.c`, built with the sanitizers."""

    program: Path

    def __call__(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run it; it may fail, but not of a fault that the sanitizers find."""
        done = subprocess.run(
            [self.program, *map(str, words)],
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            timeout=60,
        )
        assert done.returncode in (0, 1), done.stderr
        assert "Sanitizer" not in done.stderr
        assert "runtime error" not in done.stderr
        return done

    def files(self, image: Path, begin: int = 0) -> Files:
        """Everything in an image."""
        done = self("list", image, begin)
        assert done.returncode == 0, done.stderr
        return from_lines(done.stdout)


@pytest.fixture(scope="session")
def reader(base: Path) -> Reader:
    """It, compiled once; PLASHUI_TEST_CACHE keeps it."""
    needs("gcc")
    folders = ("decode", "squashfs", "fuse", "base", "tar")
    sources = [path for name in folders for path in (HELPERS / name).glob("*.c")]
    sources += [HELPERS / "tree/inodes.c", HELPERS / "userns/passwd.c"]
    sources += [Path(__file__).with_name("reader.c")]
    read = sorted([*sources, *HELPERS.rglob("*.h")])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in read)).hexdigest()
    cache = Path(os.environ.get("PLASHUI_TEST_CACHE", base))
    program = cache / f"squashfs-reader-{digest[:16]}"
    if not program.exists():
        made = base / "squashfs-reader"
        words = ["-O1", "-std=gnu11", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64"]
        words += ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
        words += ["-pthread", "-I", str(HELPERS), "-o", str(made)]
        subprocess.run(["gcc", *words, *sources], check=True)
        made.chmod(0o755)
        for old in cache.glob("squashfs-reader-*"):
            old.unlink(missing_ok=True)
        shutil.move(made, program)
    return Reader(program)


def make_tree(top: Path) -> None:
    """Files of every kind, and of the sizes at which something changes."""
    top.mkdir()
    for name in ("bin", "empty", "many", "deep/a/b/c/d"):
        (top / name).mkdir(parents=True)
    program = Path("/bin/bash").read_bytes()[:400_000]
    (top / "bin/program").write_bytes(program)
    (top / "bin/program").chmod(0o4755)
    (top / "text").write_text("".join(f"line {i} of text\n" for i in range(20000)))
    for size in (0, 1, 4095, 4096, 4097, 131071, 131072, 131073):
        (top / f"size-{size}").write_bytes((program * 2)[:size])
    (top / "noise").write_bytes(os.urandom(200_000))
    with (top / "sparse").open("wb") as file:
        file.seek(700_000)
        file.write(b"x")
        file.truncate(1_500_000)
    (top / "zeros").write_bytes(bytes(300_000))
    for i in range(700):
        (top / "many" / f"a-rather-long-name-for-a-file-number-{i}").write_text(f"{i}")
    for name in ("x", "\udcff\udc80", "é", "a b\nc", "n" * 255):
        (top / "deep/a/b/c" / name).write_text(name, errors="surrogateescape")
    (top / "soft").symlink_to("/etc/passwd")
    (top / "long-link").symlink_to("x/" * 1000)
    os.link(top / "text", top / "deep/again")
    os.link(top / "text", top / "bin/again")
    os.mkfifo(top / "fifo", 0o640)
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(top, os.O_RDONLY)
        listening.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
    (top / "deep/a").chmod(0o1770)
    for name in ("noise", "many"):
        os.setxattr(top / name, "user.one", b"1\0\xff")
        os.setxattr(top / name, "user.long", b"long" * 1000)
    if os.geteuid() == 0:
        os.mknod(top / "device", 0o20600, os.makedev(1, 3))
        os.mknod(top / "disk", 0o60640, os.makedev(259, 70000))
        os.chown(top / "noise", 12, 34)
        os.chown(top / "soft", 5, 6, follow_symlinks=False)
        os.chown(top / "deep", 70, 80)
        os.setxattr(
            top / "bin/program",
            "security.capability",
            bytes.fromhex("0100000200200000" + "00" * 12),
        )
    for path in (top / "text", top / "deep/a/b", top / "noise"):
        os.utime(path, (1e9, 1e9))


@pytest.fixture(scope="session")
def tree(base: Path) -> Path:
    """Such a tree, made once."""
    top = base / "squashfs-tree"
    make_tree(top)
    return top


def mksquashfs(tree: Path, image: Path, options: Sequence[str]) -> Path:
    """An image of a tree."""
    needs("mksquashfs")
    words = ["mksquashfs", str(tree), str(image), "-noappend", "-quiet"]
    subprocess.run([*words, "-no-progress", *options], check=True, capture_output=True)
    return image


@pytest.fixture(scope="session")
def zstd_image(base: Path, tree: Path) -> Path:
    """The tree as an image, as `push:app` compresses it."""
    image = mksquashfs(tree, base / "tree.squashfs", ["-comp", "zstd"])
    image.chmod(0o644)
    return image
