"""Keys, hosts, origins, headers, and what may be served to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from http_server import BASE, client_of, opened
from starlette.testclient import TestClient

from gezhi.app.app import App
from gezhi.entrypoints.http.guard import is_loopback_name
from gezhi.entrypoints.http.server import create_app, serve
from gezhi.types import ConfigError

KEY = {"Authorization": "Bearer 钥匙-secret".encode()}


@pytest.fixture(scope="module")
def open_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with opened(tmp_path_factory.mktemp("open")) as app:
        yield app


@pytest.fixture(scope="module")
def client(open_app: App) -> Iterator[TestClient]:
    with client_of(open_app) as client:
        yield client


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with opened(tmp_path_factory.mktemp("locked"), api_key="钥匙-secret") as app, client_of(app) as client:
        yield client


def paths(app: App) -> Iterator[tuple[str, str]]:
    for path, verbs in create_app(app).openapi()["paths"].items():
        for verb in verbs:
            yield verb.upper(), re.sub(r"\{[^}]+\}", "x", path)


def test_with_a_key_every_route_but_health_wants_it(open_app: App, locked: TestClient) -> None:
    asked = [*paths(open_app), ("GET", "/openapi.json"), ("GET", "/nowhere")]
    assert len(asked) > 15
    for verb, path in asked:
        if path == "/health":
            assert locked.request(verb, path).status_code == 200
            continue
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}, {"Authorization": ""}):
            response = locked.request(verb, path, headers=headers)
            assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer"), (verb, path)
            assert response.json()["error"]["code"] == "unauthorized"
    assert locked.get("/api/v1/status", headers=KEY).status_code == 200
    assert locked.get("/").status_code == locked.get("/static/js/main.js").status_code == 200


def test_with_a_key_any_host_may_be_named(locked: TestClient) -> None:
    assert locked.get("/api/v1/status", headers={**KEY, "Host": "docs.example.org"}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8765", "", "[::2]", "localhost@evil"]
)
def test_without_a_key_other_names_are_refused(client: TestClient, host: str) -> None:
    for path in ("/", "/api/v1/status", "/health"):
        response = client.get(path, headers={"Host": host})
        assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("host", ["localhost:9000", "127.0.0.1", "127.9.9.9:80", "[::1]:8765", "LOCALHOST"])
def test_names_of_this_machine_are_served(client: TestClient, host: str) -> None:
    assert client.get("/api/v1/status", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8765.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_cannot_send_requests(client: TestClient, headers: dict[str, str]) -> None:
    for verb, path in (("POST", "/api/v1/documents"), ("DELETE", "/api/v1/documents/x"), ("POST", "/api/v1/answers")):
        response = client.request(verb, path, headers=headers)
        assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


def test_our_own_page_and_programs_can(client: TestClient) -> None:
    for headers in ({"Origin": BASE}, {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}, {}):
        assert client.post("/api/v1/search", json={"query": "x"}, headers=headers).status_code == 200


def test_no_other_site_may_read(client: TestClient) -> None:
    response = client.get("/api/v1/status", headers={"Origin": "https://evil.example"})
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/", "/docs", "/static/js/main.js", "/api/v1/status", "/nowhere"])
def test_security_headers_are_on_everything(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == ("no-store" if path in ("/api/v1/status", "/nowhere") else "no-cache")


class Markup(HTMLParser):
    """Gathers what a strict policy forbids, and what a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.loaded: list[str] = []
        self.text_of = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.inline += [name for name in found if name.startswith("on") or name == "style"]
        self.inline += ["style"] if tag == "style" else []
        self.inline += ["script"] if tag == "script" and "src" not in found else []
        if tag in ("script", "img", "link"):
            self.loaded.append(found.get("src") or found.get("href") or "")


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_the_page_loads_only_its_own_files_and_nothing_inline(client: TestClient, page: str) -> None:
    markup = Markup()
    markup.feed(client.get(page).text)
    assert markup.inline == []
    assert markup.loaded
    for path in markup.loaded:
        assert path.startswith("/static/")
        assert client.get(path).status_code == 200


def test_scripts_make_no_markup_and_name_no_other_site() -> None:
    scripts = sorted((Path(__file__).parents[2] / "src/gezhi/entrypoints/http/page/js").glob("*.js"))
    assert len(scripts) > 5
    for script in scripts:
        text = script.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|https?://", text), script


def test_every_word_of_the_page_is_in_both_languages() -> None:
    page = Path(__file__).parents[2] / "src/gezhi/entrypoints/http/page"
    words = (page / "js/words.js").read_text("utf-8")
    english, chinese = words.split("const REASONS")[0].split("  zh: {")
    keys = [set(re.findall(r"(?:^|\s)([a-z_]+): (?=[\"`(])", part)) for part in (english, chinese)]
    assert keys[0] == keys[1]
    used = set(re.findall(r'data-(?:text|label|placeholder)="([a-z_]+)"', (page / "index.html").read_text("utf-8")))
    for script in (page / "js").glob("*.js"):
        used |= set(re.findall(r'\bt\("([a-z_]+)"', script.read_text("utf-8")))
    assert used - keys[0] == set()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_serving_others_without_a_key_is_refused(open_app: App, host: str) -> None:
    with pytest.raises(ConfigError, match="no key is set"):
        serve(open_app, host, 0)


def test_a_port_that_is_taken_is_said(open_app: App) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="cannot listen"):
        serve(open_app, "127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "127.1.2.3"])
def test_loopback_names(name: str) -> None:
    assert is_loopback_name(name)


@pytest.mark.parametrize("name", ["", "example.org", "localhost.example.org", "0.0.0.0", "192.168.1.1", "1270.0.0.1"])
def test_other_names(name: str) -> None:
    assert not is_loopback_name(name)
