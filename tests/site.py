"""Opens every page of the built documentation in Chromium: `python -m tests.site build/site [PICTURES]`.

A page passes where every formula is typeset, every picture is there, nothing is written to the console, and nothing is
asked for that does not lie in the folder. With a second argument it leaves pictures of some pages there.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update")
SHOWN = ("index", "tutorial", "lectures", "rules", "api", "comparison")
FORMULAS = "places => places.map(p => p.querySelector('.katex') && !p.querySelector('.katex-error') ? '' : p.textContent)"


def faults(page: Page, path: Path, folder: Path) -> list[str]:
    """What is wrong with a page."""
    found: list[str] = []
    page.on("console", lambda message: found.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    page.on("requestfailed", lambda request: found.append(f"not loaded: {request.url}"))
    page.on("request", lambda request: request.url.startswith((folder.as_uri(), "data:")) or found.append(f"from outside: {request.url}"))
    page.goto(path.as_uri(), wait_until="load")
    found += [f"not typeset: {text[:80]}" for text in page.eval_on_selector_all(".math", FORMULAS) if text]
    found += page.eval_on_selector_all("img", "images => images.filter(i => !i.naturalWidth).map(i => 'no picture: ' + i.src)")
    return found


def main(folder: Path, pictures: Path | None = None) -> int:
    """Opens the pages; the number of faults decides the exit code."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        print("no Chromium here: the pages were not opened")
        return 0
    faulty, paths = 0, sorted(folder.rglob("*.html"))
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=list(FLAGS))
        for path in paths:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            found = faults(page, path, folder)
            faulty += bool(found)
            print(*(f"{path.relative_to(folder)}: {fault}" for fault in found), sep="\n", end="\n" if found else "")
            if pictures and path.stem in SHOWN:
                page.screenshot(path=pictures / f"{path.stem}.png")
            page.close()
        browser.close()
    print(f"{len(paths)} pages opened, {faulty} with faults")
    return 1 if faulty or not paths else 0


if __name__ == "__main__":
    sys.exit(main(*(Path(argument).resolve() for argument in sys.argv[1:])))
