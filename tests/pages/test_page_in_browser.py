"""Pages in a real browser: they load nothing, obey keys, and survive hostile names."""

import json

import pytest

from embbench.cli.site import decide, run_page
from embbench.report.document import Document, Facts, Grid, Heading, Listing, Notes, Sentences
from embbench.report.site import INDEX, site_pages
from embbench.report.writers.html import write_page
from tests.pages.made_pages import HOSTILE, results, rounds
from tests.readme import ROOT

by = pytest.importorskip("selenium.webdriver.common.by").By
waiting = pytest.importorskip("selenium.webdriver.support.ui")
Keys = pytest.importorskip("selenium.webdriver.common.keys").Keys
AXE = pytest.importorskip("axe_core_python.selenium").Axe
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


def cells(page, column: int, section: str = "section.sheet") -> list[str]:
    """The texts of a column of the first table that are not hidden, as the first word."""
    found = page.find_elements(by.CSS_SELECTOR, f"{section} tbody tr:not([hidden]) td:nth-child({column + 1})")
    return [each.text.split("\n")[0] for each in found]


def values(page, column: int) -> list[float]:
    found = page.find_elements(by.CSS_SELECTOR, f"section.sheet tbody tr td:nth-child({column + 1})")
    return [float(each.get_attribute("data-value")) for each in found]


def requests(page) -> set[str]:
    """The addresses of all requests since the page was opened."""
    messages = [json.loads(each["message"])["message"] for each in page.get_log("performance")]
    return {each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"}


def test_nothing_is_loaded_and_nothing_fails(shown) -> None:
    page = shown(results())
    assert {each.partition("#")[0] for each in requests(page)} == {page.current_url.partition("#")[0]}
    assert page.get_log("browser") == []
    assert page.title == "What does a larger vocabulary cost?"


def test_a_table_is_sorted_by_keys_and_the_address_keeps_it(shown) -> None:
    page = shown(results())
    before = values(page, 1)
    button = page.find_element(by.CSS_SELECTOR, "section.sheet th:nth-child(2) button")
    head = page.find_element(by.CSS_SELECTOR, "section.sheet th:nth-child(2)")
    button.send_keys(Keys.ENTER)
    assert (values(page, 1), head.get_attribute("aria-sort")) == (sorted(before), "ascending")
    button.send_keys(Keys.SPACE)
    assert (values(page, 1), head.get_attribute("aria-sort")) == (sorted(before, reverse=True), "descending")
    page.refresh()
    assert values(page, 1) == sorted(before, reverse=True)


def test_a_filter_hides_rows_and_the_address_keeps_it(shown) -> None:
    page = shown(results())
    page.find_element(by.CSS_SELECTOR, "section.sheet input[type=search]").send_keys("200k")
    assert cells(page, 0) == ["200k"]
    page.refresh()
    assert cells(page, 0) == ["200k"]


def test_a_column_is_hidden(shown) -> None:
    page = shown(results())
    page.find_element(by.CSS_SELECTOR, "section.sheet summary").click()
    page.find_elements(by.CSS_SELECTOR, "section.sheet details input")[1].click()
    assert not page.find_element(by.CSS_SELECTOR, "section.sheet th:nth-child(2)").is_displayed()
    page.refresh()
    assert not page.find_element(by.CSS_SELECTOR, "section.sheet th:nth-child(2)").is_displayed()


@pytest.mark.parametrize(("button", "begins"), [("Copy as Markdown", "| vocab | U |"), ("Copy as CSV", '"vocab","')])
def test_a_table_is_copied(shown, button: str, begins: str) -> None:
    page = shown(results())
    page.execute_script(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async (text) => { window.copied = text; }}})"
    )
    xpath = f"(//section[@class='sheet'])[1]//button[text()='{button}']"
    page.find_element(by.XPATH, xpath).click()
    copied = page.execute_script("return window.copied")
    assert copied.startswith(begins)
    assert len(copied.splitlines()) == 4 + (2 if button.endswith("Markdown") else 1)


def test_a_line_is_hidden_by_its_check_box(shown) -> None:
    page = shown(results())
    line = page.find_element(by.CSS_SELECTOR, "figure.picture .series")
    page.find_element(by.CSS_SELECTOR, "figure.picture .legend input").send_keys(Keys.SPACE)
    assert not line.is_displayed()
    page.refresh()
    assert not page.find_element(by.CSS_SELECTOR, "figure.picture .series").is_displayed()


def test_points_are_reached_by_arrow_keys_and_speak(shown) -> None:
    page = shown(results())
    first = page.find_element(by.CSS_SELECTOR, "figure.picture .point")
    assert first.get_attribute("tabindex") == "0"
    page.execute_script("arguments[0].focus()", first)
    first.send_keys(Keys.ARROW_RIGHT)
    now = page.switch_to.active_element
    reading = page.find_element(by.CSS_SELECTOR, "figure.picture .reading").text
    assert now.get_attribute("aria-label") == reading
    assert "500k vocab" in reading
    assert reading.endswith("n = 3")


def test_points_are_reached_after_the_first_line_is_hidden(shown) -> None:
    page = shown(results())
    picture = page.find_element(by.CSS_SELECTOR, "figure.picture")
    picture.find_element(by.CSS_SELECTOR, ".legend input").send_keys(Keys.SPACE)
    reached = picture.find_elements(by.CSS_SELECTOR, ".series:not([hidden]) .point[tabindex='0']")
    assert len(reached) == 1


def test_another_link_to_the_open_page_is_followed(shown) -> None:
    page = shown(results())
    name = page.find_element(by.CSS_SELECTOR, "section.sheet").get_attribute("data-name")
    page.execute_script(f"location.hash = '#{name}.filter=200k'")
    waiting.WebDriverWait(page, 10).until(lambda _: cells(page, 0) == ["200k"])


def emulate(page, media: str = "", **features: str) -> None:
    told = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": told})


def test_the_system_chooses_light_or_dark(shown) -> None:
    page = shown(results())
    colours = {}
    for scheme in ("light", "dark"):
        emulate(page, prefers_color_scheme=scheme)
        colours[scheme] = page.find_element(by.TAG_NAME, "body").value_of_css_property("background-color")
    emulate(page)
    assert colours == {"light": "rgba(255, 255, 255, 1)", "dark": "rgba(13, 17, 23, 1)"}


def test_print_has_dark_lines_on_white_on_a_dark_system(shown) -> None:
    page = shown(results())
    line = page.find_element(by.CSS_SELECTOR, "figure.picture .series polyline")
    emulate(page, prefers_color_scheme="light")
    light = line.value_of_css_property("stroke")
    emulate(page, media="print", prefers_color_scheme="dark")
    printed = line.value_of_css_property("stroke")
    emulate(page)
    assert printed == light


def test_print_has_no_tools(shown) -> None:
    page = shown(results())
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    displayed = page.find_element(by.CSS_SELECTOR, ".tools").is_displayed()
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert not displayed


def test_a_narrow_screen_scrolls_in_tables_only(shown) -> None:
    page = shown(results())
    size = {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    width = page.execute_script("return document.documentElement.scrollWidth")
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width == 320


def test_without_javascript_tables_and_pictures_are_shown(shown, chromium) -> None:
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page = shown(results())
        assert len(cells(page, 0)) == 4
        assert page.find_element(by.CSS_SELECTOR, "figure.picture svg").is_displayed()
        assert page.find_elements(by.CSS_SELECTOR, ".tools") == []
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def violations(page, scheme: str = "light") -> list:
    """What axe-core finds on a page, with everything unfolded."""
    emulate(page, prefers_color_scheme=scheme)
    for each in page.find_elements(by.CSS_SELECTOR, "details"):
        page.execute_script("arguments[0].open = true", each)
    found = AXE().run(page, options=RULES)
    emulate(page)
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(shown, scheme: str) -> None:
    assert violations(shown(results()), scheme) == []


def test_axe_finds_no_violation_in_the_example(chromium) -> None:
    for each in (ROOT / "results").glob("*.html"):
        chromium.get(each.as_uri())
        assert violations(chromium) == [], each.name


def test_axe_finds_no_violation_in_a_document_without_a_page_of_its_own(shown) -> None:
    blocks = (Facts((("what", "text"),)), Notes(("beware",), alarm=True), Listing("A diff:", "- a\n+ b"))
    assert violations(shown(Document(blocks=blocks, data={}))) == []


def test_axe_finds_no_violation_in_a_folder_of_pages(chromium, tmp_path) -> None:
    lines = [line for day in (1, 2) for line in rounds(run=f"run{day}", started=f"2026-01-{day:02d}T10:00:00Z")]
    for made in site_pages(lines, run_page, decide):
        (tmp_path / made.name).write_text(write_page(made.blocks(), {}, made.up), encoding="utf-8")
    chromium.get((tmp_path / INDEX).as_uri())
    assert violations(chromium) == []
    chromium.find_element(by.CSS_SELECTOR, "tbody a").click()
    assert chromium.find_element(by.TAG_NAME, "h1").text.startswith("embedding-scaling on Example CPU")
    assert violations(chromium) == []
    chromium.find_element(by.CSS_SELECTOR, "section.sheet tbody a").click()
    assert "2M rows" in chromium.find_element(by.TAG_NAME, "h1").text
    chromium.find_element(by.CSS_SELECTOR, "nav a").click()
    assert chromium.current_url.endswith(INDEX)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_hostile_names_do_nothing(shown, text: str) -> None:
    grid = Grid(headings=("name", text), rows=((text, "1"), ("x", text)), left=("name",), title=text, about=text)
    blocks = (
        Heading("Title"), Sentences((text,), strong=True), Notes((text,)), Facts(((text, text),)), grid,
        Listing(text, text),
    )  # fmt: skip
    page = shown(Document(blocks=blocks, data={"name": text}))
    assert page.title == "Title"
    assert page.get_log("browser") == []
    assert page.execute_script("return JSON.parse(document.getElementById('data').textContent).name") == text
    assert page.execute_script("return document.querySelectorAll('main script, img, [onfocus]').length") == 0
    assert len(requests(page)) == 1


def test_hostile_names_in_pictures_do_nothing(shown) -> None:
    page = shown(results(HOSTILE[0], rounds(software={"torch": HOSTILE[1]})))
    assert page.get_log("browser") == []
    assert page.title == HOSTILE[0]
