"""How much memory is free, and which installed model fits it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from gezhi.llm.catalogue import Catalogue, Model
from gezhi.llm.install import installed

_CGROUPS = Path("/sys/fs/cgroup")


def choose_default(catalogue: Catalogue, folder: Path, *, free: int | None = None) -> Model | None:
    """The chat model to use: the first of the catalogue that is installed and fits the free memory.

    If none that is installed fits, the smallest of them; None if none is installed. `free` is measured if not given."""
    candidates = [model for model in catalogue.of_kind("chat") if installed(model, folder) is not None]
    if not candidates:
        return None
    free = free_memory_bytes() if free is None else free
    fitting = [model for model in candidates if model.free_memory <= free]
    return fitting[0] if fitting else min(candidates, key=lambda model: model.size)


def free_memory_bytes() -> int:
    """Bytes a new process could take without swapping; within a container, what its limit leaves."""
    if sys.platform == "darwin":
        return _free_on_mac()
    if sys.platform == "win32":
        return _free_on_windows()
    text = Path("/proc/meminfo").read_text("ascii")
    match = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    available = int(match.group(1)) * 1024 if match else 0
    left = _left_in_container(_CGROUPS)
    return available if left is None else min(available, left)


def _left_in_container(root: Path) -> int | None:
    """What the limit of control groups (version 2, then 1) leaves; cached files count as free. None without limit."""
    for limit, used, stat, cached in (
        ("memory.max", "memory.current", "memory.stat", "inactive_file"),
        (
            "memory/memory.limit_in_bytes",
            "memory/memory.usage_in_bytes",
            "memory/memory.stat",
            "total_inactive_file",
        ),
    ):
        try:
            most = (root / limit).read_text("ascii").strip()
            taken = int((root / used).read_text("ascii"))
            match = re.search(rf"^{cached} (\d+)$", (root / stat).read_text("ascii"), re.MULTILINE)
        except (OSError, ValueError):
            continue
        if not most.isdigit():
            return None
        return max(0, int(most) - taken + (int(match.group(1)) if match else 0))
    return None


def _free_on_mac() -> int:
    text = subprocess.run(["/usr/bin/vm_stat"], capture_output=True, text=True, check=False, timeout=10).stdout
    page = int((re.search(r"page size of (\d+)", text) or ["", "4096"])[1])
    kinds = ("free", "inactive", "speculative", "purgeable")
    return page * sum(int(m[1]) for kind in kinds if (m := re.search(rf"Pages {kind}:\s+(\d+)", text)))


def _free_on_windows() -> int:
    import ctypes

    class MemoryStatus(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "available", "a", "b", "c", "d", "e")),
        )

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    windll = getattr(ctypes, "windll")  # noqa: B009 - exists on Windows only
    windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.available)
