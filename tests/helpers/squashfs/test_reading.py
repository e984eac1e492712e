"""What our reader finds in an image is what squashfs-tools put there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.helpers.squashfs.conftest import Reader, mksquashfs, needs
from tests.helpers.squashfs.files import on_disk

WAYS = (
    "-comp gzip",
    "-comp gzip -Xcompression-level 1 -b 4096",
    "-comp lz4",
    "-comp lz4 -Xhc -b 1M",
    "-comp zstd",
    "-comp zstd -Xcompression-level 1 -b 64K",
    "-comp zstd -Xcompression-level 15 -b 1M",
    "-comp xz",
    "-comp xz -Xbcj x86",
    "-noI -noD -noF -noX",
    "-comp zstd -noI -noId",
    "-comp zstd -no-fragments",
    "-comp zstd -always-use-fragments -b 8192",
    "-comp zstd -no-duplicates -no-exports",
    "-comp zstd -no-xattrs",
    "-comp zstd -nopad -all-root",
)


@pytest.mark.parametrize("way", WAYS)
def test_every_file_is_as_unsquashfs_has_it(
    way: str, reader: Reader, tree: Path, tmp_path: Path
) -> None:
    needs("unsquashfs")
    if os.geteuid() != 0:
        cannot("only root's unsquashfs keeps owners, and setuid")
    image = mksquashfs(tree, tmp_path / "image", way.split())
    whole = tmp_path / "whole"
    subprocess.run(
        ["unsquashfs", "-quiet", "-no-progress", "-d", whole, image],
        check=True,
        capture_output=True,
    )
    expected = on_disk(whole)
    assert reader.files(image) == expected
    ours = tmp_path / "ours"
    ours.mkdir()
    done = reader("unpack", image, 0, "", ours, "owners")
    assert done.returncode == 0, done.stderr
    assert on_disk(ours) == expected


def test_an_image_may_lie_anywhere_in_a_file(
    reader: Reader, zstd_image: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    moved.write_bytes(bytes(12345) + zstd_image.read_bytes() + b"behind")
    assert reader.files(moved, 12345) == reader.files(zstd_image)


@pytest.mark.parametrize("compressor", ["lzo"])
def test_a_compressor_that_is_not_supported_is_named(
    compressor: str, reader: Reader, tree: Path, tmp_path: Path
) -> None:
    image = mksquashfs(tree / "deep", tmp_path / "image", ["-comp", compressor])
    done = reader("list", image, 0)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"compressed with {compressor}, which is not supported" in done.stderr


@pytest.mark.parametrize(
    "name", ["x86", "arm", "armthumb", "powerpc", "sparc", "arm64"]
)
def test_the_filters_of_xz_are_undone(name: str, reader: Reader) -> None:
    needs("xz")
    plain = Path("/bin/bash").read_bytes()[:300_000]
    words = ["xz", "--format=xz", "--check=crc32", f"--{name}", "--lzma2=dict=1MiB"]
    packed = subprocess.run(words, input=plain, capture_output=True, check=False)
    if b"unrecognized option" in packed.stderr:
        cannot(f"this xz has no filter {name}")
    done = subprocess.run(
        [reader.program, "decode", "xz", str(1 << 20)],
        input=packed.stdout,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == plain


def test_unpacking_a_part_makes_the_way_to_it(
    reader: Reader, zstd_image: Path, tmp_path: Path
) -> None:
    done = reader("only", zstd_image, 0, "deep/a/b/*/x", tmp_path)
    assert done.returncode == 0, done.stderr
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert found == ["deep", "deep/a", "deep/a/b", "deep/a/b/c", "deep/a/b/c/x"]
    assert (tmp_path / "deep/a/b/c/x").read_bytes() == b"x"


def test_holes_stay_holes(reader: Reader, zstd_image: Path, tmp_path: Path) -> None:
    assert reader("unpack", zstd_image, 0, "", tmp_path).returncode == 0
    about = (tmp_path / "sparse").stat()
    assert about.st_size == 1_500_000
    assert about.st_blocks * 512 < 300_000
