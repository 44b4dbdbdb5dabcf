"""Forms as a browser holds them: read from a page, with words of one's own in every field for words."""

from copy import deepcopy
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from django.db import transaction
from django.test import Client
from zeal import zeal_ignore

from scenarios.rehearsal.browser import Form, _Reader

WORDS = "Eigen woorden over {name}"
_FOR_WORDS = {"", "text", "search"}


class Reader(_Reader):
    """Knows also which fields are for words."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[int, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        has = {name: value or "" for name, value in attrs}
        is_for_words = tag == "textarea" or (tag == "input" and has.get("type", "") in _FOR_WORDS)
        if (
            self.forms
            and self._form
            and is_for_words
            and "inputmode" not in has
            and has.get("name") != "code"
        ):
            self.written.setdefault(id(self._form), []).append(has.get("name", ""))


@dataclass
class Filled:
    """One form of one page, ready to be sent."""

    url: str
    data: dict[str, list[str]]
    words: list[str] = field(default_factory=list)


def forms_on(client: Client, url: str) -> list[Filled]:
    """The forms of this page that are posted, once for each of their buttons."""
    with zeal_ignore():
        answer = client.get(url)
    if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
        return []
    reader = Reader()
    reader.feed(answer.content.decode())
    found = []
    for form in reader.forms:
        if form.method == "post":
            found += _filled(url, form, reader.written.get(id(form), []))
    return found


def _filled(url: str, form: Form, written: list[str]) -> list[Filled]:
    words = {name: WORDS.format(name=name) for name in written if name}
    data = form.values | {name: [said] for name, said in words.items()}
    goal = urljoin(url, form.action) if form.action else urlsplit(url).path
    buttons = [{button.name: [button.value]} for button in form.buttons if button.name] or [{}]
    return [Filled(goal, data | pressed, list(words.values())) for pressed in buttons]


def post(client: Client, form: Filled, *, follow: bool = False):
    """What is answered. Whatever was written is undone, and who was signed out is signed in again."""
    cookies = deepcopy(client.cookies)
    with zeal_ignore(), transaction.atomic():
        answer = client.post(form.url, form.data)
        status = answer.status_code
        if follow and status == 302 and not urlsplit(answer.url).netloc:
            answer = client.get(answer.url)
        transaction.set_rollback(True)
    client.cookies = cookies
    return status, answer
