"""Owns reading one FastCGI request from descriptor 0 and answering it; ends with the pipe.

Only for the Windows Python that the tests start; knows nothing of the request.
"""

import msvcrt
import os

STDIN = 5


def _read_exactly(count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = os.read(0, count - len(data))
        if not piece:
            os._exit(0)
        data += piece
    return data


def read() -> None:
    """Returns when the request has come to its end."""
    msvcrt.setmode(0, os.O_BINARY)
    while True:
        header = _read_exactly(8)
        length = header[4] << 8 | header[5]
        _read_exactly(length + header[6])
        if header[1] == STDIN and not length:
            return


def answer(records: bytes) -> None:
    """Writes the records, and waits until the pipe is closed."""
    os.write(0, records)
    _read_exactly(1)
