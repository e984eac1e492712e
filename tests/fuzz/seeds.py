"""Makes seeds of what no program of a shell writes: requests of FUSE, and blocks."""

import lzma
import struct
import subprocess
import sys
import zlib
from pathlib import Path

HEADER = "<IIQQIIIHH"


def request(number: int, opcode: int, body: bytes, node: int = 1) -> bytes:
    """One request as the kernel writes it."""
    length = struct.calcsize(HEADER) + len(body)
    return struct.pack(HEADER, length, opcode, number, node, 0, 0, 0, 0, 0) + body


def requests() -> bytes:
    """Some of each kind."""
    read = struct.pack("<QQIIQII", 0, 0, 65536, 0, 0, 0, 0)
    kinds = [
        (26, struct.pack("<IIII", 7, 38, 131072, 0xFFFFFFFF)),  # init
        (1, b"d\0"),  # lookup
        (1, b"holes\0"),
        (3, b""),  # getattr
        (5, b""),  # readlink
        (15, read),
        (28, read),  # readdir
        (44, read),  # readdirplus
        (22, struct.pack("<II", 100, 0) + b"user.a\0"),  # getxattr
        (23, struct.pack("<II", 100, 0)),  # listxattr
        (17, b""),  # statfs
    ]
    return b"".join(
        request(number, opcode, body, node)
        for number, (opcode, body) in enumerate(kinds)
        for node in (1, 2, 34, 66, 98)
    )


def main() -> None:
    """Write them below the directory that is named."""
    seeds = Path(sys.argv[1])
    for image in (seeds / "squashfs").iterdir():
        words = requests()
        start = struct.pack("<H", len(words))
        (seeds / "fuse" / image.name).write_bytes(start + words + image.read_bytes())
    text = Path(__file__).read_bytes() * 3
    zstd = ["zstd", "-q", "-c", "--no-check"]
    for name, block in {
        "gzip": zlib.compress(text),
        "xz": lzma.compress(text, lzma.FORMAT_XZ, lzma.CHECK_CRC32),
        "zstd": subprocess.run(zstd, input=text, capture_output=True).stdout,
        "lz4": b"\x4fabcd\x04\x00\x20\x50hello",
    }.items():
        (seeds / name).mkdir(exist_ok=True)
        (seeds / name / "1").write_bytes(b"\xff\x0f" + block)


if __name__ == "__main__":
    main()
