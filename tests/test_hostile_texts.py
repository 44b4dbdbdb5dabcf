"""Whatever somebody wrote stays text: on every page of the house, as markup and as a sentence in a mail."""

import email
import email.policy
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client, TestCase

from feedback.answers import emails
from feedback.delivery.emails import MailHeaders, Sender, encode_mail
from surveys.questionnaire.published import published_version
from tests import test_access
from tests.addresses import World
from tests.feedback.factories import today
from tests.people import signed_in

HOSTILE = "x\"'><script>alert(1)</script><img src=x onerror=alert(1)></textarea></title>{{ 1234567|add:7654321 }}\u202e"
APPS = ("accounts", "neighbourhoods", "feedback", "initiatives", "surveys")
# What the code reads, and what no form lets anybody write.
FIXED = re.compile(
    r"(^|_)(id|key|slug|code|hash|digest|state|kind|type|source|subject|language|token|email|phone|password|"
    r"url|address|holder|name|verb|note|report|options|geometry|boundary|slot|purpose|version)$"
)
WRITTEN_NAMES = {"Area.name", "Municipality.name", "Place.name", "Party.name", "Source.name", "Channel.name"}


class Suspicious(HTMLParser):
    """Collects what no page of ours holds: scripts of its own, handlers, addresses that run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given:
            self.found.append("a script in the page")
        for name, value in given.items():
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"<{tag} {name}={value!r}>")

    handle_startendtag = handle_starttag


def poison() -> int:
    """Put something hostile wherever a person can write. Returns in how many columns."""
    columns = 0
    for app in APPS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                columns += _poison(model, field)
    return columns


def _poison(model: type[models.Model], field: Any) -> bool:
    name = f"{model.__name__}.{field.name}"
    if field.choices or field.unique or (FIXED.search(field.name) and name not in WRITTEN_NAMES):
        return False
    rows = model._default_manager.all()
    if isinstance(field, models.JSONField):
        changed = False
        for row in rows:
            value = _spoiled(getattr(row, field.name))
            if value != getattr(row, field.name):
                model._default_manager.filter(pk=row.pk).update(**{field.name: value})
                changed = True
        return changed
    if isinstance(field, (models.TextField, models.CharField)):
        words = HOSTILE[: field.max_length or None]
        return bool(rows.exclude(**{field.name: ""}).update(**{field.name: words}))
    return False


def _spoiled(value: Any) -> Any:
    """Texts per language, at any depth: {"nl": …, "en": …}."""
    if isinstance(value, dict):
        return {
            key: HOSTILE if key in ("nl", "en") and isinstance(inner, str) else _spoiled(inner)
            for key, inner in value.items()
        }
    return [_spoiled(inner) for inner in value] if isinstance(value, list) else value


class HostileTextsTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World()
        cls.urls = {page: test_access.address(cls.world, page) for page in test_access.pages()}
        cls.columns = poison()
        cls.world.municipality.forget_cached()
        # Versions were changed without their digest, by which parsed documents are cached.
        published_version.cache_clear()
        cls.addClassCleanup(published_version.cache_clear)

    def everybody(self) -> Iterator[tuple[str, Client]]:
        yield "nobody", Client(raise_request_exception=False)
        for name in ("administrator", "editor", "backer"):
            client = signed_in(self.world.people[name])
            client.raise_request_exception = False
            yield name, client

    def test_no_page_runs_what_somebody_wrote(self):
        self.assertGreater(self.columns, 40)
        wrong, seen = [], 0
        for name, client in self.everybody():
            for page, url in self.urls.items():
                response = client.get(url)
                if response.status_code >= 500 and page.name != "health_ready":  # nobody works here
                    wrong.append(f"{page.name} ({name}): {response.status_code}")
                if not response.get("Content-Type", "").startswith("text/html"):
                    continue
                parser = Suspicious()
                parser.feed(response.content.decode())
                seen += "alert(1)" in response.content.decode()
                wrong += [f"{page.name} ({name}): {found}" for found in parser.found]
                if "8888888" in response.content.decode() or "\"'><" in response.content.decode():
                    wrong.append(f"{page.name} ({name}): not escaped")
        self.assertGreater(seen, 60, "Hardly any page showed the texts: this proves little.")
        self.assertFalse(wrong, "\n" + "\n".join(sorted(set(wrong))))


HEADER = "Bankjes\r\nBcc: evil@evil.example\r\n\r\n<script>alert(1)</script>"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_mail_has_no_more_headers_and_runs_nothing(language, municipality):
    """Subject, names and words of an answer, as they leave the house."""
    texts = {"nl": HEADER, "en": HEADER}
    facts = emails.AnswerForReader(
        municipality=HEADER, area=HEADER, asked_on=today(), address_given_on=today(),
        contributions=[emails.QuotedContribution("text", texts, HEADER)],
        title=texts, outcome="adopted", decided=texts, why=texts,
        next_step=texts, signed_as=texts, item_url="https://x.example/i", unsubscribe_url="https://x.example/u",
    )  # fmt: skip
    letter = emails.follow_up([facts], language)
    sender = Sender("Gemeente\r\nBcc: evil@evil.example", "nabij@waterdam.example", "team@waterdam.example")
    mail = email.message_from_bytes(
        encode_mail(
            letter, sender, MailHeaders("reader@example.org", "<1@x.example>", facts.unsubscribe_url)
        ),
        policy=email.policy.default,
    )
    assert mail["Bcc"] is None and mail.get_all("To") == ["reader@example.org"]
    assert "Bcc" in mail["From"] and "Bcc" in mail["Subject"], "it is said in one line, as a name"
    parser = Suspicious()
    parser.feed(mail.get_body(("html",)).get_content())
    assert not parser.found
    assert "&lt;" not in mail.get_body(("plain",)).get_content(), "plain text is no markup"
