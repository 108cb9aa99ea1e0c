"""One command of one peer, measured from outside: CPU, memory, disk, and what a kill does."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environment import adapter, variables

SAMPLE_SECONDS = 0.2
Figures = dict[str, Any]


class Failed(Exception):
    """A peer's command ended badly; the text is the end of what it printed."""


class TooLong(Failed):
    """A peer's command was stopped when it had taken longer than allowed."""


@dataclass(frozen=True, kw_only=True)
class Child:
    """A peer's interpreter and the folder of its stores, requests and logs."""

    peer: str
    python: Path
    folder: Path
    patience: float
    """Wall seconds that one command may take."""

    def start(self, command: str, store: Path, request: Mapping[str, Any]) -> tuple[subprocess.Popen[bytes], Path]:
        self.folder.mkdir(parents=True, exist_ok=True)
        asked, output = self.folder / "request.json", self.folder / "figures.json"
        asked.write_text(json.dumps(request), "utf-8")
        output.unlink(missing_ok=True)
        with asked.open("rb") as given, (self.folder / "printed.log").open("wb") as printed:
            process = subprocess.Popen(
                [str(self.python), str(adapter(self.peer)), command, str(store), str(output)],
                stdin=given,
                stdout=printed,
                stderr=subprocess.STDOUT,
                env=variables(),
                cwd=self.folder,
                start_new_session=True,
            )
        return process, output

    def run(self, command: str, store: Path, request: Mapping[str, Any] | None = None) -> Figures:
        """Run to the end; adds `process_cpu_s` and `process_wall_s` without the models, and `peak_mb`."""
        started = time.monotonic()
        process, output = self.start(command, store, request or {})
        watch = _Watch(process.pid)
        usage = _end(process, started + self.patience)
        peak = max(watch.stop(), usage.ru_maxrss / 1024)
        stop_group(process.pid)
        if process.returncode == -signal.SIGKILL and time.monotonic() - started > self.patience:
            minutes, spent = self.patience / 60, (usage.ru_utime + usage.ru_stime) / 60
            raise TooLong(f"{command} was not done after {minutes:.0f} minutes ({spent:.0f} of CPU)")
        if process.returncode or not output.exists():
            raise Failed(self.printed())
        figures: Figures = json.loads(output.read_text("utf-8"))
        models = figures.get("models_cpu_s", 0.0)
        figures["process_cpu_s"] = usage.ru_utime + usage.ru_stime - models
        figures["process_wall_s"] = time.monotonic() - started - figures.get("models_wall_s", 0.0)
        figures["peak_mb"] = peak
        return figures

    def printed(self) -> str:
        lines = (self.folder / "printed.log").read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-15:])

    def run_warm(self, command: str, store: Path, request: Mapping[str, Any]) -> Figures:
        """Like `run`, and once more from the same store if a text had to be embedded: what counts is the run
        that found every vector in the cache."""
        before = store.with_name(f"{store.name}-before")
        copy_store(store, before)
        figures = self.run(command, store, request)
        if figures["missed"]:
            copy_store(before, store)
            figures = self.run(command, store, request)
        remove_store(before)
        return figures


class _Watch:
    """The largest resident memory of a process and its descendants together, in MB."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._done = pid, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self._peak

    def _look(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, sum(map(resident_mb, session_of(self._pid))))


def session_of(leader: int) -> list[int]:
    """Processes of the session that a child was started in."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            if int(after_name[3]) == leader:
                found.append(int(entry.name))
    return found


def resident_mb(pid: int) -> float:
    """Memory of a process; what it shares with others counts for each its share."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _end(process: subprocess.Popen[bytes], until: float) -> resource.struct_rusage:
    """Wait, and return what the process and its descendants used."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage
        if time.monotonic() > until:
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(0.005)


def stop_group(leader: int) -> bool:
    """End what a child left behind; True if there was something."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def disk_bytes(store: Path) -> int:
    return sum(path.stat().st_size for path in store.rglob("*") if path.is_file())


def copy_store(store: Path, to: Path) -> None:
    """Replace `to` by the store, whether it is there yet or not. Gezhi's files lie beside it and stay."""
    remove_store(to)
    if store.exists():
        shutil.copytree(store, to)


def remove_store(store: Path) -> None:
    if store.exists():
        shutil.rmtree(store)


def logged(log: Path, kind: str) -> list[str]:
    """Texts embedded (`e`) or sent to the language model (`m`), in order."""
    if not log.exists():
        return []
    return [line[2:] for line in log.read_text("utf-8").splitlines() if line.startswith(kind)]


def changed(store: Path) -> list[tuple[str, int, int]]:
    """State of the files of a store, to see whether one was written."""
    found = []
    for path in sorted(store.rglob("*")):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        found.append((str(path), stat.st_size, stat.st_mtime_ns))
    return found


def kill_once(child: Child, request: Mapping[str, Any], at: float, reference: Mapping[str, Any]) -> Figures:
    """Ingest, kill -9 when the share `at` of the models' work is done, look, give the same command again, look again.

    `at` 1 is the moment when, after the last text, the first file of the store is written."""
    store = child.folder / "killed"
    log = child.folder / "work.log"
    for leftover in (store, store.with_name("killed-files")):
        remove_store(leftover)
    log.unlink(missing_ok=True)
    given = {**request, "log": str(log)}
    process, _ = child.start("index", store, given)
    late = not _wait_for_work(process, log, store, at, reference["work"])
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        late = True
    process.wait()
    first = Counter(_work(log))
    found: Figures = {"at": at, "late": late, "done": sum(first.values())}
    found |= _kept(child, store, given, reference["contents"])
    log.unlink(missing_ok=True)
    try:
        child.run("index", store, given)
    except Failed as failure:
        return found | {"again": str(failure).splitlines()[-1:]}
    second = Counter(_work(log))
    found["repeated"] = sum((first & second).values())
    after = child.run("contents", store, given)["contents"]
    found["lost"] = sum(name not in after for name in reference["contents"])
    found["doubled"] = sum(count > reference["contents"].get(name, 0) for name, count in after.items())
    found["partial"] = sum(0 < after.get(name, count) < count for name, count in reference["contents"].items())
    return found


def _work(log: Path) -> list[str]:
    return [kind + key for kind in "em" for key in logged(log, kind)]


def _wait_for_work(process: subprocess.Popen[bytes], log: Path, store: Path, at: float, total: int) -> bool:
    """Until the moment of the kill; False if the process ended before."""
    while process.poll() is None:
        if len(_work(log)) >= at * total:
            break
        time.sleep(0.002)
    if at >= 1:
        before = changed(store)
        while process.poll() is None and changed(store) == before:
            time.sleep(0.0005)
    return process.poll() is None


def _kept(child: Child, store: Path, request: Mapping[str, Any], reference: Mapping[str, int]) -> Figures:
    """What a copy of the store shows as it is after the kill."""
    copy = child.folder / "looked-at"
    copy_store(store, copy)
    try:
        held = child.run("contents", copy, {**request, "log": None})["contents"]
    except Failed as failure:
        return {"kept": 0, "opens": False, "error": str(failure).splitlines()[-1:]}
    finally:
        remove_store(copy)
    whole = sum(held.get(name, 0) == count for name, count in reference.items())
    return {"kept": whole, "opens": True, "half": len(held) - whole}
