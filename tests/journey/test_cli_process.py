"""The real program: its start, its streams, its signals."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

GEZHI = [sys.executable, "-m", "gezhi"]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GEZHI_")}
    return kept | {"GEZHI_CHAT_MODEL": "none", "GEZHI_EMBED_MODEL": "none", "GEZHI_HOME": str(tmp_path / "home")}


def test_help_comes_at_once(env: dict[str, str]) -> None:
    def cpu_seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*GEZHI, "--help"], env=env, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(cpu_seconds() for _ in range(3)) <= 0.3


def test_help_imports_nothing_heavy(env: dict[str, str]) -> None:
    code = (
        "import sys\nfrom gezhi.entrypoints.cli import main\nsys.argv = ['gezhi', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    print(sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True)
    for heavy in (
        "numpy",
        "pydantic",
        "pydantic_settings",
        "sqlalchemy",
        "fastapi",
        "faiss",
        "openai",
        "rich",
        "asyncio",
    ):
        assert f"'{heavy}'" not in done.stderr


def test_the_package_is_light_and_typed(env: dict[str, str]) -> None:
    code = (
        "import sys, gezhi\nassert 'pydantic' not in sys.modules and 'sqlalchemy' not in sys.modules\n"
        "assert gezhi.__version__\nfrom gezhi import App, Config\nprint(App.__name__, Config.__name__)\n"
        "try:\n    gezhi.nothing\nexcept AttributeError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["App Config", "module 'gezhi' has no attribute 'nothing'"]


def test_two_commands_from_files_to_an_answer(env: dict[str, str], tmp_path: Path) -> None:
    """Also where standard output was opened with an encoding that cannot show Chinese: what is printed is UTF-8."""
    (tmp_path / "手册.txt").write_text("员工每年有十五天带薪年假。", "utf-8")
    odd = env | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}

    def gezhi(*words: str) -> bytes:
        return subprocess.run([*GEZHI, *words], env=odd, cwd=tmp_path, check=True, capture_output=True).stdout

    report = json.loads(gezhi("--json", "add", "手册.txt").decode("utf-8"))
    assert report["items"][0]["outcome"]["status"] == "stored"
    assert gezhi("ask", "带薪年假").decode("utf-8").startswith("员工每年有十五天带薪年假。[1]")
    answer = json.loads(gezhi("ask", "带薪年假", "--json").decode("utf-8"))
    assert answer["question"] == "带薪年假"
    assert answer["language"] == "zh"


def test_a_reader_that_leaves_is_no_failure_to_tell_of(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("A line of words.\n" * 8_000, "utf-8")
    subprocess.run([*GEZHI, "add", "long.txt"], env=env, cwd=tmp_path, check=True, capture_output=True)
    for words in (["show", "long.txt"], ["show", "long.txt", "--json"]):
        with subprocess.Popen(
            [*GEZHI, *words, "-q"], env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(10)
            process.stdout.close()
            assert process.stderr.read() == b""


def test_ctrl_c_stops_orderly_and_the_same_command_goes_on(env: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(800):  # enough that the signal meets work under way
        (folder / f"{number}.txt").write_text(f"Document {number} speaks of subject{number}.", "utf-8")
    with subprocess.Popen(
        [*GEZHI, "add", "many"], env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        while "5/800" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped; the same command goes on where it was." in told
    assert "Traceback" not in told
    done = subprocess.run(
        [*GEZHI, "add", "many", "--json"], env=env, cwd=tmp_path, check=True, capture_output=True, text=True
    )
    report = json.loads(done.stdout)
    assert report["job"]["counts"] == {"stored": 800}
    assert 0 < len(done.stderr.splitlines()) <= 795  # the files of the first run were not done again


def test_serve_says_where_and_ends_on_ctrl_c(env: dict[str, str], tmp_path: Path) -> None:
    with subprocess.Popen(
        [*GEZHI, "serve", "--port", "0", "--json"], env=env, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = json.loads(process.stdout.readline())["address"]
            with urllib.request.urlopen(f"{address.rstrip('/')}/health", timeout=20) as answer:
                assert answer.status == 200
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=20)[0] == ""
            assert process.returncode == 0
        finally:
            process.kill()


def test_an_unforeseen_failure_is_one_line(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "gezhi_breaks.py").write_text(
        "import gezhi.app.config as config\n"
        "def load_config(**_):\n    raise ZeroDivisionError('oh')\n"
        "config.load_config = load_config\nfrom gezhi.entrypoints.cli import main\nmain()\n",
        "utf-8",
    )
    command = [sys.executable, str(tmp_path / "gezhi_breaks.py"), "config"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ZeroDivisionError: oh\n")
    assert "Traceback" not in done.stderr
    debug = subprocess.run([*command, "--debug"], env=env, capture_output=True, text=True, check=False)
    assert "Traceback" in debug.stderr
