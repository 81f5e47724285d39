"""A real Chromium without a window, driven by Selenium; tests skip where either is missing."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

#: Seconds until what should be so has to be so.
PATIENCE = 20

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)

#: The contrast of every text that can be seen with what is behind it, and the least of it.
_CONTRASTS = """
const parse = (css) => { const [r, g, b, a = 1] = css.match(/[\\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
  .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
const behind = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const { rgb, a } = parse(getComputedStyle(at).backgroundColor);
    if (a === 1) return rgb;
  }
  return [255, 255, 255];
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !node.checkVisibility({ visibilityProperty: true })) continue;
  if (node.closest("svg") || node.closest(".hidden, .skip, option, :disabled")) continue;
  const [one, other] = [light(parse(getComputedStyle(node).color).rgb), light(behind(node))];
  const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  found.push([ratio, `${node.tagName}.${node.className}: ${walker.currentNode.data.trim().slice(0, 30)}`]);
}
return found.sort(([one], [other]) => one - other)[0];
"""


class Browser:
    """One open page."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        self.driver.get("about:blank")
        self.driver.get(url)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> WebElement:
        """Return the first such element that can be seen, once there is one."""
        found: WebElement = self.until(lambda: next(filter(_visible, self.all(selector)), None))
        return found

    def text(self, selector: str) -> str:
        """Return the text of all such elements as they are seen."""
        seen = "document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility())"
        texts = self.js(
            f"return [...{seen}.map((one) => (one.innerText ?? one.textContent).trim())", selector
        )
        return "\n".join(filter(None, texts))

    def until(self, found: Callable[[], Any]) -> Any:
        from selenium.webdriver.support.wait import WebDriverWait

        return WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: found())

    def shows(self, selector: str, text: str) -> None:
        """Wait until a text is there."""
        self.until(lambda: text in self.text(selector))

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def keys(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    def screen(self, width: int, height: int, *, scale: float = 1, touch: bool = False) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": touch}
        self.cdp("Emulation.setDeviceMetricsOverride", **metrics)

    def prefers(self, **features: str) -> None:
        named = [
            {"name": f"prefers-{n.replace('_', '-')}", "value": v} for n, v in features.items()
        ]
        self.cdp("Emulation.setEmulatedMedia", features=named)

    def cdp(self, command: str, **terms: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, terms)

    def least_contrast(self) -> tuple[float, str]:
        ratio, where = self.js(_CONTRASTS)
        return ratio, where

    def wider_than_the_screen(self) -> bool:
        return bool(
            self.js("const r = document.scrollingElement; return r.scrollWidth > r.clientWidth")
        )

    def nameless(self) -> list[str]:
        """Return the roles of controls that assistive technology has no name for."""
        nodes = self.cdp("Accessibility.getFullAXTree")["nodes"]
        roles = {"button", "link", "textbox", "switch", "checkbox", "combobox", "dialog", "image"}
        return [
            node["role"]["value"]
            for node in nodes
            if node.get("role", {}).get("value") in roles
            and not node["ignored"]
            and not node.get("name", {}).get("value", "").strip()
        ]

    def complaints(self) -> list[str]:
        """Return what the console has said since it was last asked, refused resources included."""
        logged = self.driver.get_log("browser")  # type: ignore[no-untyped-call] # Selenium's own
        return [entry["message"] for entry in logged]


def _visible(element: WebElement) -> bool:
    from selenium.common.exceptions import StaleElementReferenceException

    try:
        return element.is_displayed()
    except StaleElementReferenceException:
        return False


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    """Start the system's Chromium with a profile of its own."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium is not installed")
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    program, driver = next(found, None), shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip(
            "there is no Chromium with its driver: apt-get install chromium chromium-driver"
        )
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    with webdriver.Chrome(options=options, service=service) as started:
        yield Browser(started)
