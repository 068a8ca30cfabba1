"""The page in the browser follows the files: it reloads after a change and shows problems."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.fixtures.small import change, copy_of_small_review

from handful.cli.live import LiveSite, server

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--no-first-run", "--disable-gpu"]  # fmt: skip


def test_the_page_follows_the_files(chromium: Path, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    folder = copy_of_small_review(tmp_path)
    (tmp_path / "work").mkdir()
    live = LiveSite(folder, tmp_path / "work", tell=lambda _: None)
    http = server(live, [0])
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    file = "studies/series-2019.yaml"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
            page = browser.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto(f"http://127.0.0.1:{http.server_address[1]}/questions/examplinib-whole-testitis.html")
            page.get_by_text("Not built yet").wait_for(timeout=10_000)
            assert live.build()
            page.get_by_text("1 of 4").first.wait_for(timeout=10_000)

            change(folder, file, "{value: 1, at: p. 3", "{value: 7, at: p. 3")
            assert live.look()
            alert = page.get_by_role("alert")
            alert.wait_for(timeout=10_000)
            assert f"{file}:17: more-events-than-people" in alert.inner_text()
            assert page.get_by_text("1 of 4").count() > 0, "the last pages stay"

            change(folder, file, "{value: 7, at: p. 3", "{value: 2, at: p. 3")
            change(folder, file, 'value: "25"', 'value: "50"')
            assert live.look()
            page.get_by_text("2 of 4").first.wait_for(timeout=10_000)
            assert page.get_by_role("alert").count() == 0
            assert errors == []
            browser.close()
    finally:
        http.shutdown()
        http.server_close()
