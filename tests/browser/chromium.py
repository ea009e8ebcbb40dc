"""A Chromium without a window, and what it complains of."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from loadtests.jobs.prepare import BROWSERS
from tests.running import GIVE_UP_S

# Nothing of its own in the background, so that every request seen is the page's.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's Chromium and end it."""
    path = next(found for name in BROWSERS if (found := shutil.which(name)))
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # it refuses to sandbox root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS + sandbox)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Complaints:
    """What a page logged as an error, threw, asked another machine for, or was refused."""

    console: list[str] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Page, home: str) -> "Complaints":
        """Listen to a page that may ask only addresses that begin with `home`, or inline data."""
        heard = cls()

        def log(message: ConsoleMessage) -> None:
            if message.type == "error":
                heard.console.append(message.text)

        def ask(request: Request) -> None:
            if not request.url.startswith((home, "data:", "blob:", home.replace("http", "ws", 1))):
                heard.foreign.append(request.url)

        def answer(response: Response) -> None:
            if response.status >= 400:
                heard.refused.append(f"{response.status} {response.url}")

        page.on("console", log)
        page.on("pageerror", lambda error: heard.thrown.append(str(error)))
        page.on("request", ask)
        page.on("response", answer)
        return heard


def open_page(browser: Browser, width: int = 1280, height: int = 900) -> Page:
    """Open an empty page of that size in a profile of its own."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(GIVE_UP_S * 1000)
    expect.set_options(timeout=GIVE_UP_S * 1000)  # it has one of its own, 5 s
    return context.new_page()
