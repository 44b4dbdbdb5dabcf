"""The log only grows: no line of it can be changed, whoever asks."""

import ast
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from accounts.details import FIELD_LABELS, MODEL_LABELS, VERBS
from accounts.messages import verbs_of_event
from accounts.models import Event, User
from neighbourhoods.models import Municipality
from neighbourhoods.settings.forms import MunicipalityForm
from neighbourhoods.states import Role
from surveys.builder.services.keeping import NOTE_FIELDS, RETENTION_TERMS
from tests.house import sources
from tests.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(municipality) -> Event:
    return Event.log("opened", Municipality.current(), by=make_user())


@pytest.mark.parametrize("field", ["verb", "kind", "key", "note", "facts", "at"])
def test_the_database_refuses_to_change_a_line(event, field):
    before = getattr(event, field)
    other = {"at": timezone.now() - timedelta(days=9), "facts": {"version": 2}}.get(field, "another")
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(**{field: other})
    event.refresh_from_db()
    assert getattr(event, field) == before


def test_who_leaves_is_taken_out_and_the_action_stays(event):
    event.actor.delete()
    event.refresh_from_db()
    assert (event.actor, event.verb) == (None, "opened")


def test_facts_are_told_in_the_language_and_on_the_clock_of_who_reads(event):
    until = datetime(2026, 7, 1, 22, 30, 5, tzinfo=UTC)
    Event.log(
        "pressed release", event.actor, by=None, note="Open.", role=Role.EDITOR, until=until,
        next_on=date(2027, 1, 2), readers=12,
    )  # fmt: skip
    line = Event.objects.first()
    assert line.details == (
        "volgende stap: 2 januari 2027 · lezers: 12 · rol: beleidsmedewerker · tot: 2 juli 2026 00:30:05 · Open."
    )
    assert line.thing.startswith("collega ")
    with translation.override("en"):
        assert line.details == (
            "next step: 2 January 2027 · readers: 12 · role: editor (civil servant) · "
            "until: 2 July 2026 00:30:05 · Open."
        )


def test_a_fact_without_a_name_is_refused(event):
    with pytest.raises(ValueError, match="Give colour a name"):
        Event.log("opened", event.actor, by=None, colour="green")


# Past tenses without -de or -te, -ed.
STRONG = {
    "nl": {
        "begon",
        "bekeek",
        "bracht",
        "deed",
        "gaf",
        "ging",
        "hief",
        "hield",
        "keek",
        "koos",
        "kreeg",
        "las",
        "liet",
    }
    | {"nam", "ontving", "schreef", "sloot", "sprak", "trok", "verborg", "vroeg", "wees", "zag", "zei"},
    "en": {
        "became",
        "began",
        "brought",
        "chose",
        "gave",
        "got",
        "had",
        "heard",
        "held",
        "hid",
        "kept",
        "left",
        "let",
    }
    | {
        "made",
        "put",
        "read",
        "said",
        "saw",
        "sent",
        "set",
        "split",
        "spoke",
        "threw",
        "took",
        "undid",
        "went",
    }
    | {"withdrew", "wrote"},
}
REGULAR = {"nl": r"\w+[dt]e", "en": r"\w+ed"}


def said_in(language: str) -> dict[str, str]:
    verbs = set(VERBS)
    for source in sources(".py").values():
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        verbs.update(verb for call in calls for verb in verbs_of_event(call))
    with translation.override(language):
        return {verb: Event(verb=verb, actor=User(title="Bo")).sentence for verb in verbs}


def test_each_thing_is_a_model_or_the_key_ring():
    assert MODEL_LABELS.keys() <= {model._meta.model_name for model in apps.get_models()} | {"keyring"}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_line_is_a_sentence_about_who_did_it(language):
    said = said_in(language)
    assert len(said) > 150
    wrong = {
        verb: sentence
        for verb, sentence in said.items()
        for who, _space, does in [sentence.partition(" ")]
        for finite in [does.partition(" ")[0]]
        if who != "Bo"
        or "_" in sentence
        or not (finite in STRONG[language] or re.fullmatch(REGULAR[language], finite))
    }
    assert not wrong, "Give them a sentence in accounts/details.py (VERBS), to follow a name."


def test_second_factor_is_cleared_by_the_administrator():
    assert said_in("nl")["forgot second factor"] == "Bo wiste de tweede stap bij het inloggen"


@pytest.mark.parametrize(
    ("verb", "who"),
    [
        ("erased_by_retention", "Nabij"),
        ("recorded bounced", "Nabij"),
        ("withdrew", "Een bewoner"),
        ("added", "Iemand"),
    ],
)
def test_without_a_colleague_it_says_what_kind_of_actor(verb, who):
    assert Event(verb=verb).sentence.startswith(f"{who} ")


def test_names_of_fields_are_told_in_words():
    event = Event(
        verb="change_keeping", kind="initiatives.match", key="7", facts={"fields": "basis_in, impact_note"}
    )
    assert event.details == "velden: waar de grondslag staat, toelichting op de privacyrisico's"
    assert event.thing == "voorstel voor een vrijwilliger 7"


def test_every_setting_has_words_for_the_log():
    assert {*RETENTION_TERMS, *NOTE_FIELDS, *MunicipalityForm.base_fields} - {
        "main_language"
    } <= FIELD_LABELS.keys()
