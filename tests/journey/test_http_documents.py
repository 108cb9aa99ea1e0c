"""Documents through the HTTP door: up, listed, shown, removed; jobs and their events."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from http_server import CONTRACT, client_of, events_of, opened, served, upload, wait_until
from starlette.testclient import TestClient

from gezhi.app.app import App
from gezhi.entrypoints.http.routes import documents


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with opened(tmp_path, max_upload_mb=1) as app:
        yield app


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    with client_of(app) as client:
        yield client


def test_a_document_is_uploaded_listed_shown_and_removed(client: TestClient) -> None:
    item = upload(client, "contract.md", CONTRACT.encode())
    assert item["outcome"] == {"status": "stored", "code": "ok", "message": ""}
    listed = client.get("/api/v1/documents").json()
    (summary,) = listed["documents"]
    assert (summary["source"], summary["id"], listed["more"]) == ("uploads/contract.md", item["document_id"], False)
    shown = client.get(f"/api/v1/documents/{summary['id']}").json()
    assert shown["text"] == CONTRACT.rstrip() or shown["text"] == CONTRACT
    assert shown == client.get("/api/v1/documents/uploads/contract.md").json()
    assert shown == client.get(f"/api/v1/documents/{summary['id'][:8]}").json()
    headings = [shown["text"][b["start"] : b["end"]] for b in shown["blocks"] if b["kind"] == "heading"]
    assert any("Late delivery" in heading for heading in headings)
    assert client.delete("/api/v1/documents/uploads/contract.md").json() == {"removed": ["uploads/contract.md"]}
    assert client.get(f"/api/v1/documents/{summary['id']}").status_code == 404
    assert client.get("/api/v1/documents").json()["documents"] == []


def test_rows_of_tables_are_shown_unless_left_out(client: TestClient) -> None:
    item = upload(client, "prices.csv", b"item,price\nPPR-9087,12.50\n")
    path = f"/api/v1/documents/{item['document_id']}"
    document = client.get(path).json()
    tables = [block["table"] for block in document["blocks"] if block["table"]]
    (row,) = tables[0]["rows"]
    assert row["cells"] == ["PPR-9087", "12.50"]
    assert "PPR-9087" in document["text"][row["start"] : row["end"]]
    assert all(block["table"] is None for block in client.get(path, params={"tables": False}).json()["blocks"])


def test_the_list_comes_in_pages_and_by_prefix(client: TestClient) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        upload(client, name, f"This is the document {name}.".encode())
    page = client.get("/api/v1/documents", params={"limit": 2}).json()
    assert ([d["source"] for d in page["documents"]], page["more"]) == (["uploads/a.txt", "uploads/b.txt"], True)
    rest = client.get("/api/v1/documents", params={"limit": 2, "offset": 2}).json()
    assert ([d["source"] for d in rest["documents"]], rest["more"]) == (["uploads/c.txt"], False)
    found = client.get("/api/v1/documents", params={"source_prefix": "uploads/b"}).json()
    assert [d["source"] for d in found["documents"]] == ["uploads/b.txt"]


def test_several_files_in_one_request(client: TestClient) -> None:
    files = [("files", ("one.txt", b"First text.")), ("files", ("two.txt", b"Second text."))]
    jobs = client.post("/api/v1/documents", files=files).json()["jobs"]
    assert [job["label"] for job in jobs] == ["uploads/one.txt", "uploads/two.txt"]
    for job in jobs:
        wait_until(lambda job=job: client.get(f"/api/v1/jobs/{job['id']}").json()["job"]["state"] == "done")
    assert {job["id"] for job in client.get("/api/v1/jobs").json()["jobs"]} == {job["id"] for job in jobs}


@pytest.mark.parametrize(
    ("sent", "source"),
    [
        ("../../etc/passwd.txt", "uploads/passwd.txt"),
        ("C:\\Users\\me\\report.txt", "uploads/report.txt"),
        ("two\nlines\r.txt", "uploads/two lines.txt"),
        ("合同 😀.txt", "uploads/合同 😀.txt"),
        ('say "hi".txt', 'uploads/say "hi".txt'),
        ("..", "uploads/unnamed"),
        ("合同/2024/a.txt", "uploads/合同/2024/a.txt"),
        ("/etc/passwd.txt", "uploads/passwd.txt"),
        ("a/../../b.txt", "uploads/b.txt"),
        ("C:/Users/me/report.txt", "uploads/report.txt"),
    ],
)
def test_names_are_cleaned(app: App, client: TestClient, sent: str, source: str) -> None:
    item = upload(client, sent, "Some text, 一些文字。".encode())
    assert item["source"] == source
    assert client.get(f"/api/v1/documents/{source}").json()["source"] == source
    wait_until(lambda: not list(app.path.glob("spool/*")))  # removed just after the job is seen to be done


def test_a_refused_file_says_why(client: TestClient) -> None:
    item = upload(client, "empty.txt", b"")
    assert (item["outcome"]["status"], item["outcome"]["code"]) == ("refused", "empty_file")
    assert item["outcome"]["message"]
    assert item["document_id"] is None


def test_the_same_file_again_is_unchanged_and_a_new_one_is_a_revision(client: TestClient) -> None:
    assert upload(client, "a.txt", b"First version.")["outcome"]["status"] == "stored"
    assert upload(client, "a.txt", b"First version.")["outcome"]["status"] == "unchanged"
    upload(client, "a.txt", b"Second version.")
    assert client.get("/api/v1/documents/uploads/a.txt").json()["revision"] == 2


def test_job_events_end_with_done(client: TestClient) -> None:
    jobs = client.post("/api/v1/documents", files=[("files", ("a.txt", b"Some text."))]).json()["jobs"]
    response = client.get(f"/api/v1/jobs/{jobs[0]['id']}/events")
    assert response.headers["content-type"].startswith("text/event-stream")
    events = events_of(response.text)
    assert {name for name, _ in events[:-1]} == {"progress"}
    assert [data["item"]["source"] for _, data in events if data["item"]] == ["uploads/a.txt"]
    name, last = events[-1]
    assert (name, last["job"]["state"], last["job"]["counts"]) == ("done", "done", {"stored": 1})


def test_a_job_can_be_cancelled(client: TestClient) -> None:
    jobs = client.post("/api/v1/documents", files=[("files", ("a.txt", b"Some text."))]).json()["jobs"]
    cancelled = client.post(f"/api/v1/jobs/{jobs[0]['id']}/cancel")
    assert cancelled.status_code == 200
    assert client.get(f"/api/v1/jobs/{jobs[0]['id']}").json()["job"]["state"] in ("cancelled", "done")


def test_an_upload_over_the_limit_is_413_and_leaves_nothing(app: App, client: TestClient) -> None:
    files = [("files", ("small.txt", b"Small text.")), ("files", ("big.txt", b"x" * (1024 * 1024 + 1)))]
    response = client.post("/api/v1/documents", files=files)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (413, "limit_exceeded")
    assert "big.txt" in error["message"]
    assert "1 before it were accepted" in error["hint"]
    wait_until(lambda: not list(app.path.glob("spool/*")))
    assert upload(client, "after.txt", b"Still up.")["outcome"]["status"] == "stored"


def test_an_upload_is_not_read_to_its_end_once_it_is_too_large(app: App) -> None:
    """A client that sends hundreds of megabytes gets its answer; nothing of them is kept."""
    import httpx2

    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="big.bin"\r\n\r\n'
        for _ in range(512):
            sent += 512 * 1024
            yield b"\0" * (512 * 1024)
        yield b"\r\n--b--\r\n"

    with served(app) as url:
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        response = httpx2.post(f"{url}/api/v1/documents", content=body(), headers=headers, timeout=30)
        assert response.status_code == 413
        assert not list(app.path.glob("spool/*"))
        assert httpx2.get(f"{url}/health").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data"),
        (b"{}", "application/json"),
        (b"no boundary here", "multipart/form-data; boundary=b"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\njust a field\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="cut.txt"\r\n\r\nhalf a f',
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_broken_forms_are_400_and_leave_nothing(app: App, client: TestClient, body: bytes, content_type: str) -> None:
    response = client.post("/api/v1/documents", content=body, headers={"Content-Type": content_type})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_input")
    assert not list(app.path.glob("spool/*"))
    assert app.jobs() == []


def test_an_upload_that_stands_still_is_given_up(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "IDLE_SECONDS", 0.3)
    with served(app) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(
                b"POST /api/v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
                b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
            )
            connection.settimeout(10)
            assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_an_upload_broken_off_leaves_nothing(app: App) -> None:
    with served(app) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(
                b"POST /api/v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
                b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
                b'--b\r\nContent-Disposition: form-data; name="f"; filename="half.txt"\r\n\r\n' + b"half" * 20000
            )
            wait_until(lambda: bool(list(app.path.glob("spool/*"))))
        wait_until(lambda: not list(app.path.glob("spool/*")))
        assert app.jobs() == []
