"""A small browser without JavaScript: pages, forms, cookies and redirects, as a resident gets them."""

import http.client
import threading
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener


@dataclass
class Button:
    name: str
    value: str
    text: str = ""


@dataclass
class Form:
    """One form of a page, with the values the server filled in."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)

    def set(self, name: str, *values: str) -> "Form":
        self.values[name] = list(values)
        return self

    def button(self, **wanted: str) -> Button | None:
        return next(
            (b for b in self.buttons if all(getattr(b, key) == value for key, value in wanted.items())), None
        )


@dataclass
class Page:
    url: str
    status: int
    text: str
    forms: list[Form]
    links: list[tuple[str, str]]
    seconds: float

    def form(self, ending: str = "", *, having: str = "") -> Form:
        """The form whose action ends in `ending` and that has a field `having`. Raises LookupError if there is none."""
        for form in self.forms:
            named = (
                having in form.values or having in form.choices or any(b.name == having for b in form.buttons)
            )
            if form.action.split("?")[0].endswith(ending) and (not having or named):
                return form
        raise LookupError(f"No form to {ending!r} with {having!r} on {self.url} ({self.status})")

    def link(self, part: str) -> str:
        for url, _text in self.links:
            if part in url:
                return url
        raise LookupError(f"No link with {part!r} on {self.url} ({self.status})")


class Browser:
    """One phone or desk, with its own cookies and language. Raises LookupError if a page lacks an element."""

    def __init__(self, base: str, language: str = "nl") -> None:
        self.base, self.language = base.rstrip("/"), language
        self.jar = CookieJar()
        self._opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar))
        self.seconds: list[float] = []

    def get(self, path: str) -> Page:
        return self._open(urljoin(self.base + "/", path), None)

    def submit(self, page: Page, form: Form, button: Button | None = None) -> Page:
        pairs = [(name, value) for name, values in form.values.items() for value in values]
        if button is not None and button.name:
            pairs.append((button.name, button.value))
        url = urljoin(page.url, form.action)
        if form.method == "get":
            return self._open(f"{url}?{urlencode(pairs)}", None)
        return self._open(url, urlencode(pairs).encode(), referer=page.url)

    def submit_twice(self, page: Page, form: Form, button: Button | None = None) -> Page:
        """Simulate a double tap: submit the form twice at the same time. Returns the page of the second request."""
        first = threading.Thread(target=self.submit, args=(page, form, button))
        first.start()
        second = self.submit(page, form, button)
        first.join()
        return second

    def _open(self, url: str, data: bytes | None, referer: str = "") -> Page:
        request = Request(url, data=data, headers={"Accept-Language": self.language})  # noqa: S310
        if data is not None:
            request.add_header("Origin", self.base)
            request.add_header("Referer", referer)
        begun = time.perf_counter()
        try:
            answer = self._opener.open(request, timeout=60)
        except HTTPError as error:
            answer = error
        except (http.client.RemoteDisconnected, ConnectionResetError):
            answer = self._opener.open(request, timeout=60)  # the server closed an idle connection
        with answer:
            body = answer.read().decode("utf-8", "replace")
            status, final = answer.status, answer.url
        took = time.perf_counter() - begun
        self.seconds.append(took)
        reader = _Reader()
        reader.feed(body)
        for form in reader.forms:
            form.action = form.action or urlsplit(final).path
        return Page(final, status, body, reader.forms, reader.links, took)


class _Reader(HTMLParser):
    """Collects the forms and links of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self._form: Form | None = None
        self._button: Button | None = None
        self._textarea = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(has.get("action", ""), has.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and has.get("href"):
            self.links.append((has["href"], ""))
        elif self._form is None:
            return
        elif tag == "input":
            self._input(has)
        elif tag == "textarea":
            self._textarea = has.get("name", "")
            self._form.values[self._textarea] = [""]
        elif tag == "select":
            self._select = has.get("name", "")
            self._form.choices.setdefault(self._select, [])
        elif tag == "option" and self._select:
            self._form.choices[self._select].append(has.get("value", ""))
            if "selected" in has or self._select not in self._form.values:
                self._form.values[self._select] = [has.get("value", "")]
        elif tag == "button" and has.get("type", "submit") == "submit":
            self._button = Button(has.get("name", ""), has.get("value", ""))
            self._form.buttons.append(self._button)

    def _input(self, has: dict[str, str]) -> None:
        form, name, kind = self._form, has.get("name", ""), has.get("type", "text")
        if form is None or not name:
            return
        if kind in ("checkbox", "radio"):
            form.choices.setdefault(name, []).append(has.get("value", "on"))
            if "checked" in has:
                form.values.setdefault(name, []).append(has.get("value", "on"))
        elif kind not in ("submit", "button", "file"):
            form.values.setdefault(name, []).append(has.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            self._form.values[self._textarea][0] += data
        elif self._button is not None:
            self._button.text = (self._button.text + " " + data.strip()).strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            if self._textarea and self._form is not None:
                # HTML ignores the first newline after <textarea>.
                self._form.values[self._textarea] = [self._form.values[self._textarea][0].removeprefix("\n")]
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag == "button":
            self._button = None
