"""The process that parses: reads requests from its standard input until that ends, one file at a time."""

from __future__ import annotations

import faulthandler
import gc
import os
import queue
import signal
import stat
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from gezhi.parse.outcomes import refusal
from gezhi.parse.protocol import Limits, ParseOptions, Parser
from gezhi.parse.sandbox.wire import receive, send
from gezhi.types import Parsed

Request = tuple[str | None, bytes | None, str, Limits, ParseOptions]
"""(path, bytes, source, limits, options); either path or bytes."""

_GRACE = 30.0
_OCR_BYTES = 800 * 1024 * 1024


def main() -> None:
    from gezhi.parse.dispatch import parse_bytes

    serve(parse_bytes)


def serve(parse: Parser) -> None:
    """Answer requests with `parse` until the parent is gone. Libraries may print: standard output leads nowhere."""
    requests, answers = _private_streams()
    if hasattr(signal, "SIGINT"):
        # Ctrl-C reaches the whole group; the parent decides what ends.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    while True:
        path, data, source, limits, options = waiting.get()
        _cap_memory(memory_for(limits, options))
        # Ends this process even where native code hangs and the parent is no longer there to end it.
        faulthandler.dump_traceback_later(limits.seconds + _GRACE, exit=True, file=2)
        try:
            parsed = _answer(parse, path, data, source, limits, options)
        except MemoryError:
            parsed = refusal("memory_limit", limit=limits.memory_bytes // (1024 * 1024))
        faulthandler.cancel_dump_traceback_later()
        try:
            send(answers, parsed)
        except OSError:
            os._exit(0)
        except MemoryError:
            send(answers, refusal("memory_limit", limit=limits.memory_bytes // (1024 * 1024)))
        del parsed, data
        gc.collect()


def memory_for(limits: Limits, options: ParseOptions) -> int:
    """What the worker may hold: the OCR engine takes some 800 MB by itself, whatever the file is."""
    return limits.memory_bytes + (_OCR_BYTES if options.ocr else 0)


def _answer(
    parse: Parser, path: str | None, data: bytes | None, source: str, limits: Limits, options: ParseOptions
) -> Parsed:
    if data is None:
        read = read_file(Path(path or ""), limits)
        if isinstance(read, Parsed):
            return read
        data = read
    return parse(data, source, limits, options)


def read_file(path: Path, limits: Limits) -> bytes | Parsed:
    """The bytes of a regular file, or the refusal that says why not. Never waits for a pipe or a device."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe, socket or device"
            return refusal("not_a_file", detail=kind)
        if found.st_size > limits.file_bytes:
            return refusal("too_large", size=found.st_size, limit=limits.file_bytes)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(limits.file_bytes + 1)
    except FileNotFoundError:
        return refusal("not_found")
    except (OSError, ValueError) as error:
        return refusal("unreadable", detail=getattr(error, "strerror", None) or str(error))
    if len(data) > limits.file_bytes:
        return refusal("too_large", size=len(data), limit=limits.file_bytes)
    return data


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Move the message pipes away from where libraries read and print."""
    requests = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
    answers = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, answers


def _listen(requests: BinaryIO, waiting: queue.SimpleQueue[Request]) -> None:
    """Hand on requests; when the pipe ends the parent is gone, and so is this process, at once."""
    while (message := receive(requests)) is not None:
        waiting.put(message)  # type: ignore[arg-type]
    os._exit(0)


def _cap_memory(memory_bytes: int) -> None:
    """A second wall behind the parent's watch: a sudden large allocation fails instead of filling the machine."""
    if sys.platform != "linux":
        return
    import resource

    wall = memory_bytes + memory_bytes // 2 + 256 * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        wall = min(wall, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wall, hard))


if __name__ == "__main__":
    main()
