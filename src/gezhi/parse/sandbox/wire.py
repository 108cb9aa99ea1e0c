"""Messages between the pool and its workers: a length, then a pickle of plain types from `gezhi` only."""

from __future__ import annotations

import io
import pickle
import struct
from typing import BinaryIO

_HEADER = struct.Struct(">Q")
_SAFE_MODULES = frozenset({"gezhi.types.documents", "gezhi.parse.protocol", "gezhi.parse.sandbox.wire"})


class WireError(Exception):
    """The other side sent something that is no message."""


class _Unpickler(pickle.Unpickler):
    """Opens pickles that hold our own types and nothing else: a worker that a file has taken over can send no code."""

    def find_class(self, module: str, name: str) -> object:
        if module in _SAFE_MODULES and not name.startswith("_") and "." not in name:
            return super().find_class(module, name)
        if module in ("builtins", "copyreg") and name in ("frozenset", "_reconstructor", "object", "getattr"):
            return super().find_class(module, name)
        raise WireError(f"{module}.{name} is not allowed in a message")


def send(stream: BinaryIO, message: object) -> None:
    data = pickle.dumps(message, protocol=5)
    stream.write(_HEADER.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> object | None:
    """The next message; None at the end of the stream."""
    header = _read(stream, _HEADER.size)
    if header is None:
        return None
    data = _read(stream, _HEADER.unpack(header)[0])
    if data is None:
        return None
    try:
        message: object = _Unpickler(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError, IndexError) as error:
        raise WireError(str(error)) from error
    return message


def _read(stream: BinaryIO, size: int) -> bytes | None:
    pieces: list[bytes] = []
    while size:
        piece = stream.read(min(size, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
