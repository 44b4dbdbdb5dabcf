"""Two ways to work a page: by keyboard alone, and by tapping on a phone. A story is told once, for both.

Things are named by their role and the words on them. A hand refuses what somebody without a mouse, or with a thumb,
can't do: what Tab never comes to, what shows no focus or lies out of sight, what can't be tapped.
"""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

TABS = 250
"""More than any page has places to go."""

IS_HERE = "thing => thing === document.activeElement"
SAME_GROUP = """thing => { const here = document.activeElement;
  return here === thing || thing.type === "radio" && here.type === "radio" && here.name === thing.name; }"""
SHOWS_FOCUS = """thing => {
  const ringed = one => { const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none"; };
  const box = (thing.closest("label") || thing).getBoundingClientRect();
  const inSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return inSight && [thing, thing.closest("label"), thing.parentElement].some(one => one && ringed(one)); }"""


class Hand:
    """What both can do. `find` looks by role and words; `within` narrows it to a part of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def find(self, role: str, name: str, *, within: Locator | None = None, exact: bool = True) -> Locator:
        return (within or self.page.locator("body")).get_by_role(role, name=name, exact=exact).first

    def follow(self, role: str, name: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """Press what leads to a page, be it this one again."""
        found = self.find(role, name, within=within, exact=exact)
        with self.page.expect_navigation():
            self.press(found)

    def press(self, found: Locator) -> None:
        raise NotImplementedError

    def write(self, found: Locator, text: str) -> None:
        raise NotImplementedError

    def tick(self, found: Locator) -> None:
        raise NotImplementedError

    def untick(self, found: Locator) -> None:
        raise NotImplementedError

    def choose(self, found: Locator, label: str) -> None:
        raise NotImplementedError

    def give_file(self, found: Locator, path: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.press(found)
        chooser.value.set_files(path)

    def take(self, found: Locator) -> Path:
        """Press what gives a file."""
        with self.page.expect_download() as download:
            self.press(found)
        return Path(download.value.path())


class Keyboard(Hand):
    def reach(self, found: Locator, *, until: str = IS_HERE) -> None:
        """Press Tab until it is there, and see that it shows."""
        expect(found).to_be_attached()
        for _press in range(TABS):
            if found.evaluate(until):
                break
            self.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"Tab never comes to {found} on {self.page.url}.")
        assert self.page.locator(":focus").evaluate(SHOWS_FOCUS), (
            f"No focus is seen on {found}, {self.page.url}."
        )

    def press(self, found: Locator) -> None:
        self.reach(found)
        self.page.keyboard.press("Enter")

    def write(self, found: Locator, text: str) -> None:
        self.reach(found)
        if found.get_attribute("type") == "date":  # in the order of the browser's own language, here American
            year, month, day = text.split("-")
            self.page.keyboard.type(month + day + year)
        else:
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(text)
        expect(found).to_have_value(text)

    def tick(self, found: Locator) -> None:
        """Tab comes to a group of radio buttons once; arrows go on within it."""
        self.reach(found, until=SAME_GROUP)
        for _press in range(40):
            if found.evaluate(IS_HERE):
                break
            self.page.keyboard.press("ArrowDown")
        if not found.is_checked():
            self.page.keyboard.press("Space")
        expect(found).to_be_checked()

    def untick(self, found: Locator) -> None:
        self.reach(found)
        if found.is_checked():
            self.page.keyboard.press("Space")
        expect(found).not_to_be_checked()

    def choose(self, found: Locator, label: str) -> None:
        """Typing the first letters chooses, as in every list of a browser."""
        self.reach(found)
        self.page.keyboard.type(label)
        expect(found.locator("option:checked")).to_have_text(label)


class Thumb(Hand):
    def press(self, found: Locator) -> None:
        found.tap()

    def write(self, found: Locator, text: str) -> None:
        found.tap()
        found.fill(text)

    def tick(self, found: Locator) -> None:
        """On the words beside it, as people do."""
        if not found.is_checked():
            self._words_of(found).tap()
        expect(found).to_be_checked()

    def untick(self, found: Locator) -> None:
        if found.is_checked():
            self._words_of(found).tap()
        expect(found).not_to_be_checked()

    def choose(self, found: Locator, label: str) -> None:
        found.tap()
        found.select_option(label=label)

    @staticmethod
    def _words_of(found: Locator) -> Locator:
        label = found.locator("xpath=ancestor::label")
        return (label if label.count() else found).first
