"""A real Chromium, and pages of made-up results."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from embbench.report.document import Document
from embbench.report.writers import write

NETWORK = "Network.requestWillBeSent"


@pytest.fixture(scope="module")  # other tests look for child processes that are left behind
def chromium() -> Iterator[Any]:
    """A driver. Tests are skipped where there is no browser."""
    selenium = pytest.importorskip("selenium")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no browser: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1100,900",
    ):
        options.add_argument(flag)
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND")  # no address is reachable
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options=options, service=Service(driver))
    assert selenium.__version__
    yield made
    made.quit()


@pytest.fixture
def shown(chromium, tmp_path: Path) -> Callable[..., Any]:
    """Opens the page of a document; returns the driver."""

    def show(document: Document, state: str = "", name: str = "page.html") -> Any:
        path = tmp_path / name
        path.write_text(write(document, "html"), encoding="utf-8")
        chromium.get("about:blank")
        for kind in ("browser", "performance"):
            chromium.get_log(kind)  # forgets what earlier pages said
        chromium.get(path.as_uri() + state)
        return chromium

    return show
