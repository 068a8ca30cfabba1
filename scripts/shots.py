"""Pictures of a built site: every page (or the ones named) at 360 and 1280 px, light and dark, whole length.

    python scripts/shots.py site --to shots
    python scripts/shots.py site --to shots --page questions/dupilumab-totalis-universalis.html

Drives the Chromium of the system through Playwright; nothing is downloaded, pages are opened as files. Says which
page is wider than its window (that is a fault of the page) and ends with status 1 then.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]
WIDTHS = (360, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def find_chromium() -> str:
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise SystemExit("no Chromium found; install chromium, or name one: CHROMIUM=/path make shots")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("site", type=Path, help="the folder that handful build wrote")
    parser.add_argument("--to", type=Path, default=Path("shots"), help="folder for the pictures (default: %(default)s)")
    parser.add_argument("--page", action="append", help="a page, relative to the site; may be repeated (default: all)")
    arguments = parser.parse_args()

    site: Path = arguments.site.resolve()
    pages = [site / page for page in arguments.page] if arguments.page else sorted(site.rglob("*.html"))
    missing = [str(page) for page in pages if not page.is_file()]
    if missing or not pages:
        raise SystemExit(f"no such page: {', '.join(missing)}" if missing else f"no pages in {site}")
    arguments.to.mkdir(parents=True, exist_ok=True)

    too_wide = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for width in WIDTHS:
            for scheme in SCHEMES:
                context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
                for page in pages:
                    tab = context.new_page()
                    tab.goto(page.as_uri())
                    name = page.relative_to(site).with_suffix("").as_posix().replace("/", "--")
                    target = arguments.to / f"{name}-{width}-{scheme}.png"
                    tab.screenshot(path=target, full_page=True)
                    wide = int(tab.evaluate("document.documentElement.scrollWidth"))
                    if wide > width:
                        too_wide += 1
                        print(f"{page.relative_to(site)}: {wide} px wide in a window of {width}", file=sys.stderr)
                    print(target)
                    tab.close()
                context.close()
        browser.close()
    return 1 if too_wide else 0


if __name__ == "__main__":
    sys.exit(main())
