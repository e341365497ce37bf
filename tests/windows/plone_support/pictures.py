"""Owns pictures for uploads: PNG files of any size, read and written without a library."""

from __future__ import annotations

import random
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(width: int, height: int, seed: int = 1) -> bytes:
    """A picture of noise on a gradient: hard to compress, so its file is large; the same for the same seed."""
    noise = random.Random(seed)
    rows = []
    for y in range(height):
        row = bytearray(noise.randbytes(3 * width))
        for x in range(width):
            row[3 * x] = 255 * x // width
            row[3 * x + 1] = 255 * y // height
        rows.append(b"\0" + bytes(row))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(b"".join(rows), 1)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG; fails if it is none, or damaged."""
    assert picture.startswith(SIGNATURE), f"no PNG: {picture[:20]!r}"
    at, found = len(SIGNATURE), (0, 0)
    while at < len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        kind, data = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", picture, at + 8 + length)
        assert zlib.crc32(kind + data) == checksum, f"damaged at {kind!r}"
        if kind == b"IHDR":
            found = struct.unpack_from(">II", data)
        at += 12 + length
    assert kind == b"IEND", "cut off"
    return found[0], found[1]
