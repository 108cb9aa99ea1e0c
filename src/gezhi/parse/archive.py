"""Zip containers (office files, EPUB) from strangers: sizes are measured before any library unpacks them."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from gezhi.parse.outcomes import Refused
from gezhi.parse.protocol import Limits

_ENTRIES = 50_000
_RATIO = 250
_RATIO_FROM = 100 * 1024 * 1024
"""A part may unpack to this many bytes at any ratio; beyond, only at a ratio that real content has."""
_STEP = 1 << 20
_ENTITY = re.compile(rb"<!(?:ENTITY|DOCTYPE)|<\x00!\x00(?:E\x00N\x00T|D\x00O\x00C)|\x00<\x00!\x00(?:E\x00N|D\x00O)")
_MARKUP = (".xml", ".rels", ".opf", ".vml")
_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, KeyError)


def open_zip(data: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _READ_ERRORS as error:
        raise Refused("damaged", detail="the zip container cannot be opened; it may be cut off") from error


def check_zip(data: bytes, limits: Limits, *, doctypes: bool = False) -> None:
    """Unpack every part once without keeping it. Refuses bombs by what really comes out, not by what the
    directory claims, and XML that declares entities (unless `doctypes`: EPUB pages may have a DOCTYPE)."""
    with open_zip(data) as archive:
        entries = archive.infolist()
        if len(entries) > _ENTRIES:
            detail = f"{len(entries):,} parts"
            raise Refused("decompressed_too_large", detail=detail, limit=limits.decompressed_bytes)
        total = 0
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise Refused("encrypted")
            total = _check_entry(archive, entry, total, limits, doctypes)


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, total: int, limits: Limits, doctypes: bool) -> int:
    markup = entry.filename.lower().endswith(_MARKUP)
    size = 0
    tail = b""
    try:
        with archive.open(entry) as stream:
            while step := stream.read(_STEP):
                size += len(step)
                if total + size > limits.decompressed_bytes:
                    detail = f"more than {total + size:,} bytes"
                    raise Refused("decompressed_too_large", detail=detail, limit=limits.decompressed_bytes)
                if size > _RATIO_FROM and size > _RATIO * max(1, entry.compress_size):
                    detail = f"one part grows {size // max(1, entry.compress_size)}-fold"
                    raise Refused("decompressed_too_large", detail=detail, limit=limits.decompressed_bytes)
                if markup:
                    refuse_entities(tail + step, doctypes=doctypes)
                    tail = step[-32:]
    except _READ_ERRORS as error:
        # A picture with a wrong checksum does not make the text unreadable; a text part does, when it is read.
        if markup and size == 0:
            raise Refused("damaged", detail=f"the part {entry.filename!r} cannot be unpacked") from error
    return total + size


def refuse_entities(data: bytes, *, doctypes: bool = False) -> None:
    """Refuse XML that declares entities: office files never do, attacks do (billion laughs, external files)."""
    for match in _ENTITY.finditer(data):
        found = match.group().replace(b"\x00", b"")
        if doctypes and found.startswith(b"<!D"):
            continue
        raise Refused("entity_declarations")


def read_part(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """A part by its name, whatever its case; None if it is not there."""
    name = name.lstrip("/")
    try:
        return archive.read(name)
    except KeyError:
        pass
    except _READ_ERRORS as error:
        raise Refused("damaged", detail=f"the part {name!r} cannot be unpacked") from error
    lowered = name.lower()
    for other in archive.namelist():
        if other.lower() == lowered:
            return read_part(archive, other)
    return None
