"""How long a page of many rounds takes to write and to open, and how large it is.

`python -m tests.bench.pages [ROUNDS]` (10,000 by default). The time to open is until a table can be sorted, in
Chromium.
"""

import functools
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from embbench.cases.suite import View
from embbench.report.assemble import build
from embbench.report.results_document import results_document
from embbench.report.results_page import results_page
from embbench.report.writers import write
from tests.made_up import case, measured

CASES, TIMES = 50, 5


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    lines = [
        line
        for place in range(CASES)
        for line in measured(case(vocab=100_000 * (place + 1)), [0.1 + place / 100] * (count // CASES))
    ]
    begin = time.perf_counter()
    made = build(lines, View())
    built = time.perf_counter() - begin
    document = results_document(made, page=functools.partial(results_page, made, lines))
    seconds = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        text = write(document, "html")
        seconds.append(time.perf_counter() - begin)
    print(f"{len(lines)} rounds: report {built:.2f} s")
    size = len(text.encode()) / 1e6
    print(f"page: {median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), {size:.2f} MB")
    if shutil.which("chromium") and shutil.which("chromedriver"):
        opened = opening(text)
        print(f"interactive after {median(opened):.3f} s ({min(opened):.3f} to {max(opened):.3f})")


def opening(text: str) -> list[float]:
    """Seconds from the navigation until the page's script has run."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.binary_location = shutil.which("chromium") or ""
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(text, encoding="utf-8")
        for _ in range(TIMES):
            browser.get("about:blank")
            browser.get(path.as_uri())
            script = "return performance.getEntriesByType('navigation')[0].domInteractive"
            found.append(browser.execute_script(script) / 1000)
    browser.quit()
    return found


if __name__ == "__main__":
    main()
