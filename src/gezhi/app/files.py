"""From what a user names to the files to ingest, and the keys they are stored under."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from gezhi.types import LimitExceeded, NewItem, NotFound

STORE_FILE = "store.db"
UPLOADS = "uploads"
MOST_FOLDERS = 12
"""Of an upload's path that are kept."""


def source_of(path: Path, base: Path) -> str:
    """The key of a file: its path from the folder that holds the store, or the whole path outside of it.

    So a project keeps its keys when its folder moves, and two folders of one name never collide."""
    absolute = Path(os.path.normpath(path.absolute()))
    try:
        shown = absolute.relative_to(base)
    except ValueError:
        shown = absolute
    return _printable(shown.as_posix())


def upload_source(name: str) -> str:
    """The key of an upload: below `uploads/`, in the folders it was sent from where a page sends a folder; the bare
    name where the client sent a path of its own disk."""
    *folders, bare = _printable(name.replace("\\", "/")).split("/")
    names = [folder.strip() for folder in folders]
    inside = all(folder.strip(".") and ":" not in folder for folder in names) and "\\" not in name
    bare = bare.strip()[-200:]
    kept = [folder[:100] for folder in names[:MOST_FOLDERS]] if inside else []
    return "/".join([UPLOADS, *kept, bare if bare.strip(".") else "unnamed"])


def _printable(name: str) -> str:
    """File names may hold line breaks and bytes that are not UTF-8; keys never do."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def collect(paths: Iterable[Path], base: Path) -> list[NewItem]:
    """The files below the paths, sorted, each once. Raises NotFound for a path that does not exist."""
    found: dict[str, NewItem] = {}
    for path in paths:
        path = path.expanduser()
        if not path.exists() and not path.is_symlink():
            raise NotFound(f"There is no file or folder {str(path)!r}.", hint="Check the path.")
        for file in sorted(_files(path)) if path.is_dir() else [path]:
            source = source_of(file, base)
            found.setdefault(source, NewItem(source=source, path=str(file.absolute())))
    return list(found.values())


def _files(folder: Path) -> Iterator[Path]:
    """Files of a folder. Hidden ones, office lock files and other stores are not documents."""
    for here, folders, names in os.walk(folder, followlinks=False):
        if STORE_FILE in names:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith((".", "~$")) and name != "Thumbs.db":
                yield Path(here) / name


def job_key(items: Iterable[NewItem], sync: bool, access: frozenset[str]) -> str:
    """Names what was asked for, so that the same command continues an unfinished job."""
    digest = hashlib.sha256(repr((sync, sorted(access))).encode())
    for item in items:
        digest.update(item.path.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()


def copy_limited(file: BinaryIO, target: Path, limit: int) -> None:
    """Copy an upload to the disk, synced. Raises LimitExceeded over `limit` bytes."""
    size = 0
    with target.open("wb") as out:
        while piece := file.read(1 << 20):
            size += len(piece)
            if size > limit:
                raise LimitExceeded(
                    f"The file is larger than {limit // 1024 // 1024} MiB.",
                    hint="Split it, or raise the setting max_upload_mb.",
                )
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
