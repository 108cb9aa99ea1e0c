"""The page in a real browser. Screenshots go to the folder named by GEZHI_SHOTS, if any."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from http_server import CONTRACT, opened, quoting_reply, served, upload, wait_until
from starlette.testclient import TestClient

from gezhi.entrypoints.http.server import create_app
from gezhi.llm.scripted import ScriptedChat

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
playwright = pytest.importorskip("playwright.sync_api", reason="needs the playwright package")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
    # Chromium's pipes are closed by the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PRICES = "item,price\nPPR-9087,12.50\nPPR-9088,13.00\n"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    yield from _page(browser, locale="en-US")


def _page(browser: Any, **settings: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1360, "height": 860}, **settings)
    opened_page = context.new_page()
    problems: list[str] = []
    opened_page.on("pageerror", lambda error: problems.append(str(error)))
    opened_page.on(
        "console", lambda m: problems.append(m.text) if m.type == "error" and "status of" not in m.text else None
    )
    yield opened_page
    assert problems == [], "errors on the page's console"
    context.close()


def shot(page: Any, name: str) -> None:
    folder = os.environ.get("GEZHI_SHOTS")
    if folder:
        page.wait_for_timeout(500)  # animations
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def ask(page: Any, question: str) -> Any:
    """Ask, wait for the end, return the last turn."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    turn = page.locator("article.turn").last
    turn.locator(".mode, .refusal").first.wait_for()
    return turn


def test_from_a_file_to_a_highlighted_citation(page: Any, tmp_path: Path) -> None:
    with opened(tmp_path, ScriptedChat(quoting_reply, name="scripted-model")) as app, served(app) as url:
        page.goto(url)
        page.get_by_text("Ask your own documents").wait_for()
        shot(page, "empty")
        files = [
            {"name": "contract 😀.md", "mimeType": "text/markdown", "buffer": CONTRACT.encode()},
            {"name": "prices.csv", "mimeType": "text/csv", "buffer": PRICES.encode()},
            {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""},
        ]
        page.locator("#files").set_input_files(files)
        page.locator(".document").nth(1).wait_for()
        page.locator(".upload.refused_file .upload-message").wait_for()
        shot(page, "uploaded")
        turn = ask(page, "What does late delivery cost?")
        chip = turn.locator(".chip").first
        assert "contract" in chip.get_attribute("aria-label")
        chip.click()
        quote = page.locator("mark.quote")
        quote.first.wait_for()
        assert "".join(quote.all_inner_texts()) == "Late delivery costs 0.5% of the price per day, at most 10%."
        assert quote.first.is_visible()
        turn.locator("summary").click()
        assert turn.locator(".rank").count() >= 1
        shot(page, "citation")
        second = ask(page, "and how long is the warranty?")
        second.locator(".chip").first.wait_for()
        page.get_by_label("Light or dark").click()
        shot(page, "dark")
        page.get_by_label("切换到中文").click()
        assert page.locator(".pill").first.inner_text() == "由 scripted-model 撰写，逐句核对"
        page.set_viewport_size({"width": 390, "height": 800})
        shot(page, "narrow_source")
        page.get_by_label("关闭").click()
        page.get_by_label("你的问题").fill("违约金是多少？")
        page.keyboard.press("Enter")
        page.locator("article.turn").nth(2).locator(".mode").wait_for()
        shot(page, "narrow")
        page.get_by_label("文档", exact=True).first.click()
        shot(page, "narrow_documents")


def test_a_result_of_several_rows_is_drawn_beside_its_table(page: Any, tmp_path: Path) -> None:
    with opened(tmp_path) as app, served(app) as url:
        page.goto(url)
        rows = "No,Region,Amount,Day\n1,Europe,1200,2024-01-05\n2,Asia,400,2024-02-11\n3,Africa,-90,2024-03-02\n"
        page.locator("#files").set_input_files(
            [{"name": "orders.csv", "mimeType": "text/csv", "buffer": rows.encode()}]
        )
        page.locator(".document").first.wait_for()
        page.locator(".document-open").first.click()
        heads = page.locator(".row").first.locator(".cell").all_inner_texts()
        assert heads == ["No", "Region", "Amount", "Day"], "a sheet is shown in columns"
        shot(page, "sheet")
        page.keyboard.press("Escape")
        cited = ask(page, "What is the amount of Asia?")
        cited.locator(".chip").first.click()
        page.locator(".row.quoted").wait_for()
        assert page.locator(".row.quoted .cell").all_inner_texts() == ["2", "Asia", "400", "2024-02-11"]
        page.keyboard.press("Escape")
        bars = ask(page, "What is the total amount for each region?").locator("svg.bars")
        assert bars.locator("rect").count() == 3
        assert bars.locator("title").first.text_content() == "total Amount by region"
        assert bars.bounding_box()["height"] > 50
        shot(page, "bars")
        line = ask(page, "What is the total amount of the orders per month?")
        assert line.locator("svg.line circle").count() == 3
        assert line.locator("tbody tr").count() == 3
        shot(page, "line")


def test_a_refusal_shows_the_nearest_passages_and_a_document_goes(page: Any, tmp_path: Path) -> None:
    with opened(tmp_path, refusal_threshold=0.99) as app:
        with TestClient(create_app(app), base_url="http://127.0.0.1") as client:
            upload(client, "contract.md", CONTRACT.encode())
        with served(app) as url:
            page.goto(url)
            turn = ask(page, "Who painted the Night Watch?")
            turn.get_by_text("Not in your documents").wait_for()
            assert turn.locator("details[open] .passage-card").count() >= 1
            shot(page, "refusal")
            turn.locator(".passage-card").first.click()
            page.locator("mark.passage").first.wait_for()
            page.keyboard.press("Escape")
            page.locator("#source").wait_for(state="hidden")
            page.locator(".document").hover()
            page.get_by_label("Remove uploads/contract.md").click()
            shot(page, "confirm")
            page.get_by_role("button", name="Remove", exact=True).click()
            page.get_by_text("Nothing here yet.").wait_for()
            assert app.documents() == []


def test_extractive_answers_are_labelled_and_data_is_never_markup(page: Any, tmp_path: Path) -> None:
    nasty = "<img src=x onerror=alert(1)> The pump <b>PPR-9087</b> weighs 3 kg.\n"
    with opened(tmp_path) as app, served(app) as url:
        page.goto(url)
        page.locator("#files").set_input_files(
            [{"name": "<i>x.txt", "mimeType": "text/plain", "buffer": nasty.encode()}]
        )
        page.locator(".document").wait_for()
        turn = ask(page, "What does the pump PPR-9087 weigh? <script>alert(2)</script>")
        assert turn.locator(".pill").first.inner_text() == "Quoted from your documents, no model"
        turn.locator(".chip").first.click()
        page.locator("mark.quote").first.wait_for()
        assert page.locator("img[src=x], .turn b, .turn script, .source b").count() == 0
        assert "<b>PPR-9087</b>" in turn.inner_text()


def test_a_server_with_a_key_asks_for_it(page: Any, tmp_path: Path) -> None:
    with opened(tmp_path, api_key="open sesame"[:4]) as app, served(app) as url:
        page.goto(url)
        page.get_by_label("Key", exact=True).fill("wrong")
        page.get_by_role("button", name="Use it").click()
        page.get_by_text("That key was not accepted.").wait_for()
        shot(page, "key")
        page.get_by_label("Key", exact=True).fill("open")
        page.get_by_role("button", name="Use it").click()
        page.get_by_text("0 documents").wait_for()


def test_stop_ends_the_model(page: Any, tmp_path: Path) -> None:
    chat = ScriptedChat(quoting_reply, delay_s=0.15)
    with opened(tmp_path, chat) as app:
        with TestClient(create_app(app), base_url="http://127.0.0.1") as client:
            upload(client, "contract.md", CONTRACT.encode())
        with served(app) as url:
            page.goto(url)
            page.get_by_label("Your question").fill("What does late delivery cost?")
            page.keyboard.press("Enter")
            evidence = page.locator("details.evidence")  # to read while the model writes
            evidence.locator("summary").click()
            page.locator(".statement").first.wait_for()
            assert evidence.get_attribute("open") is not None, "what was opened stays open"
            assert evidence.locator("summary").inner_text().startswith("Evidence: ")
            shot(page, "working")
            page.get_by_label("Stop").click()
            page.get_by_text("Stopped.").wait_for()
            wait_until(lambda: chat.cancelled == 1)


def test_chinese_browser_gets_chinese_and_docs_are_drawn(browser: Any, tmp_path: Path) -> None:
    with opened(tmp_path) as app, served(app) as url:
        for chinese in _page(browser, locale="zh-CN"):
            chinese.goto(url)
            chinese.get_by_text("向你自己的文档提问").wait_for()
            shot(chinese, "empty_zh")
            chinese.goto(f"{url}/docs")
            chinese.get_by_text("/api/v1/answers").click()
            shot(chinese, "docs")


def test_a_turn_is_read_from_its_question_on(page: Any, tmp_path: Path) -> None:
    with opened(tmp_path, refusal_threshold=0.99) as app:
        with TestClient(create_app(app), base_url="http://127.0.0.1") as client:
            for number in range(8):
                upload(client, f"contract {number}.md", f"{CONTRACT}\nCopy {number}.\n".encode())
        with served(app) as url:
            page.goto(url)
            ask(page, "Who painted the Night Watch?")
            turn = ask(page, "Who wrote Moby-Dick?")
            assert turn.locator(".passage-card").count() >= 5
            page.wait_for_timeout(800)  # scrolling is smooth
            top = page.locator("#scroll").bounding_box()["y"]
            asked = turn.locator(".asked").bounding_box()["y"]
            assert 0 <= asked - top < 120, "the question is at the top, not the end of what it found"
            shot(page, "read_from_the_question")


def test_a_question_that_failed_goes_back_into_the_field(page: Any, tmp_path: Path) -> None:
    with opened(tmp_path, max_question_chars=20) as app, served(app) as url:
        page.goto(url)
        page.get_by_label("Your question").fill("A question of more than twenty characters?")
        page.keyboard.press("Enter")
        page.get_by_text("the limit is 20").wait_for()
        page.get_by_role("button", name="Ask again").click()
        assert page.get_by_label("Your question").input_value() == "A question of more than twenty characters?"
        assert page.locator("article.turn").count() == 0
        assert page.evaluate("document.activeElement.id") == "question"


def test_what_is_not_computed_is_not_called_missing(page: Any, tmp_path: Path) -> None:
    with opened(tmp_path) as app, served(app) as url:
        page.goto(url)
        rows = "Department,Budget,Staff\n" + "".join(f"Unit {n},{n * 1000},{n}\n" for n in range(1, 30))
        page.locator("#files").set_input_files(
            [{"name": "budget.csv", "mimeType": "text/csv", "buffer": rows.encode()}]
        )
        page.locator(".document").first.wait_for()
        turn = ask(page, "What is the average happiness of the departments?")
        assert turn.locator(".refusal strong").inner_text() == "Not computed"


def test_results_of_many_rows_say_how_many_and_group_their_numbers_alike(page: Any, tmp_path: Path) -> None:
    with opened(tmp_path) as app, served(app) as url:
        page.goto(url)
        rows = "Shop,Amount\n" + "".join(f"Shop {n},{n * 700}\n" for n in range(1, 131))
        page.locator("#files").set_input_files([{"name": "shops.csv", "mimeType": "text/csv", "buffer": rows.encode()}])
        page.locator(".document").first.wait_for()
        turn = ask(page, "What is the total amount for each shop?")
        turn.get_by_text("20 of 130 rows").wait_for()
        cells = turn.locator("td.number").all_inner_texts()
        assert "7,000" in cells
        assert "70,000" in cells
        turn.locator(".computation summary").click()
        assert "the first 100 rows" in turn.locator(".computation a").inner_text()


def test_a_plot_keeps_the_size_of_its_letters_on_a_telephone(browser: Any, tmp_path: Path) -> None:
    with opened(tmp_path) as app, served(app) as url:
        for page in _page(browser, locale="en-US"):
            page.set_viewport_size({"width": 390, "height": 844})
            with TestClient(create_app(app), base_url="http://127.0.0.1") as client:
                upload(client, "orders.csv", b"Region,Amount\nEurope,1200\nAsia,400\nAfrica,90\n")
            page.goto(url)
            plot = ask(page, "What is the total amount for each region?").locator("svg.bars")
            drawn = plot.evaluate("node => node.getBoundingClientRect().width / node.viewBox.baseVal.width")
            assert 0.9 < drawn <= 1.05
            assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_folder_can_be_dropped(page: Any, tmp_path: Path) -> None:
    folder = tmp_path / "to drop"
    (folder / "合同").mkdir(parents=True)
    (folder / "a.md").write_text("The pump PPR-9087 weighs 3 kg.", encoding="utf-8")
    (folder / "合同" / "a.md").write_text("违约金为总价的百分之五。", encoding="utf-8")
    (folder / ".hidden").write_text("x", encoding="utf-8")
    with opened(tmp_path) as app, served(app) as url:
        page.goto(url)
        page.get_by_text("Nothing here yet.").wait_for()
        session = page.context.new_cdp_session(page)
        for kind in ("dragEnter", "dragOver", "drop"):
            data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
            session.send("Input.dispatchDragEvent", {"type": kind, "x": 600, "y": 300, "data": data})
        page.locator(".document").nth(1).wait_for()
        sources = sorted(document.source for document in app.documents())
        assert sources == ["uploads/to drop/a.md", "uploads/to drop/合同/a.md"]
        assert page.locator("#document-count").inner_text() == "2"


def test_of_many_uploads_the_ones_under_way_are_shown_and_the_rest_counted(page: Any, tmp_path: Path) -> None:
    with opened(tmp_path) as app, served(app) as url:
        page.goto(url)
        page.get_by_text("Nothing here yet.").wait_for()
        files = [
            {"name": f"n{n:02}.txt", "mimeType": "text/plain", "buffer": f"Note {n}.".encode() if n else b""}
            for n in range(40)
        ]
        page.locator("#files").set_input_files(files)
        page.get_by_text("and 20 more").wait_for()
        page.locator(".upload:first-child:not(.waiting)").wait_for()
        page.locator(".document").nth(38).wait_for()
        assert page.locator(".upload.refused_file").count() == 1, "what needs attention stays"
