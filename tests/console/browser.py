"""A real browser without a window, and what it has to say about the pages it is shown."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

Scheme = Literal["light", "dark"]
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-sandbox",  # of no use to pages of our own, and not to be had by root or in containers
)
WIDTH, HEIGHT = 1440, 900
PATIENCE_MS = 30_000
"""For anything to appear: other work on the machine is no failure."""
LEAST_CONTRAST = 4.5
"""Between small text and its ground: WCAG 2.2, 1.4.3."""
_FAINT = """
least => {
  const parse = colour => colour.match(/[\\d.]+/g).map(Number);
  const part = value => value <= 10.31 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const light = ([red, green, blue]) => 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  const ground = element => {
    const colour = element ? parse(getComputedStyle(element).backgroundColor) : [255, 255, 255];
    return colour.length === 4 && colour[3] < 1 ? ground(element.parentElement) : colour;
  };
  const contrast = element => {
    const [less, more] = [parse(getComputedStyle(element).color), ground(element)].map(light).sort((a, b) => a - b);
    return (more + 0.05) / (less + 0.05);
  };
  const own = element => [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  const shown = [...document.body.querySelectorAll('*')].filter(element => own(element) && element.checkVisibility());
  return shown.filter(element => contrast(element) < least).map(element => element.outerHTML.slice(0, 200));
}
"""
_TOLD_BY_RESPONSES = "Failed to load resource"


def executable() -> str | None:
    """The installed Chromium."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def missing() -> str | None:
    """Why there is no browser; None when there is one."""
    return None if executable() else f"no Chromium is on the PATH ({', '.join(NAMES)})"


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """One person's visit: a page at an origin, and all that went wrong on it."""

    page: Page
    origin: str
    errors: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen from the first request on."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def open(self, path: str) -> Page:
        """Go to an address of the console."""
        self.page.goto(self.origin + path)
        return self.page

    def require_clean(self) -> None:
        """Nothing was asked of another origin, nothing was refused, and no error was written to the console."""
        wrong = {"foreign": self.foreign, "refused": self.refused, "errors": self.errors}
        assert not any(wrong.values()), wrong

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_TOLD_BY_RESPONSES):
            self.errors.append(message.text)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.foreign.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.refused.append((response.status, response.url))


@contextmanager
def visit(browser: Browser, origin: str, scheme: Scheme = "light") -> Iterator[Visit]:
    """A visit by somebody who has never been here."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield Visit(context.new_page(), origin)
    finally:
        context.close()


def faint_texts(page: Page) -> list[str]:
    """The elements whose text hardly stands out from its ground."""
    found: list[str] = page.evaluate(_FAINT, LEAST_CONTRAST)
    return found


def save_screenshot(page: Page, file: Path) -> None:
    """The whole page as PNG."""
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file, animations="disabled")
