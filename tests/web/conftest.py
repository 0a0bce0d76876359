"""A server in a process of its own and a browser that opens its page."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 90_000
"""Milliseconds that anything on the page may take, on a machine that has much else to do."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where `matcalc serve` serves."""
    pytest.importorskip("starlette", reason="the extra `web` is not installed")
    command = [sys.executable, "-m", "matcalc", "serve", "--port", "0", "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().split()[0]
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of the system, without a window; not for longer than a module, since its driver keeps an event loop running."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright, which drives the browser, is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found)
        yield chromium
        chromium.close()


@pytest.fixture
def expected() -> list[str]:
    """Parts of complaints that a test expects."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, expected: list[str]) -> Iterator[Page]:
    """The empty page on a desk, with a clipboard; it must load nothing from elsewhere and report no fault."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, permissions=["clipboard-read", "clipboard-write"])
    yield from opened(context.new_page(), address, expected)
    context.close()


@pytest.fixture
def phone(browser: Browser, address: str, expected: list[str]) -> Iterator[Page]:
    """The empty page on a phone."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, device_scale_factor=2)
    yield from opened(context.new_page(), address, expected)
    context.close()


def opened(page: Page, address: str, expected: list[str]) -> Iterator[Page]:
    """The page, opened; what it asked for and what it complained of is looked at in the end."""
    asked: list[str] = []
    complaints: list[str] = []
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#examples button .katex")
    yield page
    assert [c for c in complaints if not any(part in c for part in expected)] == []
    assert all(url.startswith(address) for url in asked)
