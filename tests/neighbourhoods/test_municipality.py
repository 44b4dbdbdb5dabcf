"""Settings, themes and the log."""

from datetime import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from neighbourhoods.models import Municipality, Theme
from neighbourhoods.settings import services
from neighbourhoods.settings.forms import MunicipalityForm
from neighbourhoods.states import Role
from tests.people import make_municipality, make_theme, make_user, signed_in

SETTINGS = {
    "name": "Gemeente Heidebrug",
    "phone": "14 099",
    "email": "nabij@heidebrug.example",
    "main_language": "nl",
    "languages": ["nl", "en"],
    "smallest_cell": "12",
    "backup_days": "14",
    "roles_with_mfa": ["administrator"],
    "danger_email": "",
    "defects_email": "",
    "danger_text_nl": "Bel 112 als er nu gevaar is.",
    "accessibility_note_nl": "De kaart is nog niet met het toetsenbord te verslepen.",
}


def test_settings_are_saved_and_seen_at_once(municipality, administrator, django_capture_on_commit_callbacks):
    Municipality.current()  # cached
    client = signed_in(administrator)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("settings"), SETTINGS).status_code == 302
    saved = Municipality.current()
    assert (saved.name, saved.languages, saved.smallest_cell) == ("Gemeente Heidebrug", ["nl", "en"], 12)
    assert saved.danger_text == {"nl": "Bel 112 als er nu gevaar is."}
    assert saved.accessibility_note["nl"].startswith("De kaart")
    assert "backup_days" in Event.objects.get(verb="changed settings").facts["fields"]


def test_settings_offer_the_languages_that_residents_can_choose(municipality, administrator, settings):
    choices = dict(MunicipalityForm(municipality=municipality).fields["languages"].choices)
    assert set(choices) == {"nl", "en"}
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "Arabic")]
    assert "ar" in dict(MunicipalityForm(municipality=municipality).fields["languages"].choices)
    refused = signed_in(administrator).post(reverse("settings"), SETTINGS | {"languages": ["tr"]})
    assert refused.status_code == 422


def test_what_was_kept_in_another_language_stays(administrator):
    make_municipality(languages=["nl", "ar"], danger_text={"nl": "Bel 112.", "ar": "اتصل"})
    page = signed_in(administrator).get(reverse("settings")).content.decode()
    assert "العربيّة (nu niet aangeboden)" in page and "اتصل" in page
    signed_in(administrator).post(
        reverse("settings"),
        SETTINGS | {"languages": ["ar"], "danger_text_nl": "Bel 112.", "danger_text_ar": "اتصل"},
    )
    kept = Municipality.objects.get()
    assert (kept.languages, kept.danger_text) == (["nl", "ar"], {"nl": "Bel 112.", "ar": "اتصل"})


def test_settings_unchanged_write_nothing(municipality, administrator):
    client = signed_in(administrator)
    for _time in range(2):
        client.post(reverse("settings"), SETTINGS)
    assert Event.objects.filter(verb="changed settings").count() == 1


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"smallest_cell": "1"},
        {"smallest_cell": "many"},
        {"roles_with_mfa": ["king"]},
        {"main_language": "xx"},
        {"email": "no"},
        {"danger_text_nl": "x" * 601},
    ],
)
def test_settings_with_something_wrong_keep_what_was_typed(data, municipality, administrator):
    response = signed_in(administrator).post(reverse("settings"), SETTINGS | {"phone": "14 123"} | data)
    assert response.status_code == 422
    assert 'value="14 123"' in response.content.decode()
    assert Municipality.objects.get().name == "Gemeente Waterdam"


@pytest.mark.parametrize("name", ["settings", "themes", "events"])
def test_municipality_is_for_its_administrators(name, administrator, stranger, editor, area):
    of_area = make_user(Role.ADMINISTRATOR, area)
    assert signed_in(administrator).get(reverse(name)).status_code == 200
    assert signed_in(editor).get(reverse(name)).status_code == 403
    for user in (of_area, stranger):
        assert signed_in(user).post(reverse(name), SETTINGS).status_code in (403, 405)
        assert signed_in(user).get(reverse(name)).status_code in (302, 403)


# --- themes -----------------------------------------------------------------------------------


def test_theme_is_added_at_the_end(administrator):
    make_theme("green")
    client = signed_in(administrator)
    client.post(reverse("themes"), {"name_nl": "Verkeer & parkeren", "name_en": ""})
    theme = Theme.objects.last()
    assert (theme.slug, theme.name) == ("verkeer-parkeren", {"nl": "Verkeer & parkeren"})


def test_theme_twice(administrator):
    client = signed_in(administrator)
    for _time in range(2):
        response = client.post(reverse("themes"), {"name_nl": "Groen", "name_en": "Green"})
    assert response.status_code == 422
    assert Theme.objects.count() == 1


def test_theme_slug_is_free(administrator):
    make_theme("groen", retired=True)
    assert services.add_theme(name={"nl": "Groen!"}, by=administrator).slug == "groen-2"


def test_theme_without_a_name(administrator):
    assert signed_in(administrator).post(reverse("themes"), {"name_nl": " "}).status_code == 422
    assert not Theme.objects.exists()


def test_theme_keeps_its_slug_when_renamed(administrator):
    make_theme("green")
    signed_in(administrator).post(reverse("theme", args=["green"]), {"name_nl": "Bomen", "name_en": "Trees"})
    assert Theme.objects.get(slug="green").name == {"nl": "Bomen", "en": "Trees"}


def test_theme_takes_no_name_of_another(administrator):
    make_theme("green")
    other = make_theme("traffic")
    with pytest.raises(DomainError):
        services.change_theme(theme=other, name={"nl": "GREEN"}, by=administrator)


def test_theme_moves(administrator):
    for slug in ("a", "b", "c"):
        make_theme(slug)
    make_theme("old", retired=True)
    client = signed_in(administrator)
    client.post(reverse("theme_move", args=["c"]), {"direction": "up"})
    client.post(reverse("theme_move", args=["c"]), {"direction": "up"})
    client.post(reverse("theme_move", args=["c"]), {"direction": "up"})  # already first
    assert [theme.slug for theme in Theme.objects.in_use()] == ["c", "a", "b"]
    assert client.get(reverse("theme_move", args=["c"])).status_code == 405


def test_theme_out_of_use_and_back(administrator):
    theme = make_theme("green")
    client = signed_in(administrator)
    client.post(reverse("theme_retire", args=["green"]))
    assert not Theme.objects.in_use().exists()
    with pytest.raises(InvalidTransition):
        services.retire_theme(theme=theme, by=administrator)
    client.post(reverse("theme_retire", args=["green"]), {"back": "1"})
    assert Theme.objects.in_use().exists()


# --- the log ----------------------------------------------------------------------------------


def test_log_pages_by_key(administrator, django_assert_max_num_queries):
    for number in range(130):
        Event.log("invited", administrator, by=administrator, note=f"number {number}")
    client = signed_in(administrator)
    with django_assert_max_num_queries(17):
        first = client.get(reverse("events")).content.decode()
    assert "number 129<" in first.replace(" <", "<") and "number 29 " not in first
    before = Event.objects.all()[99].pk
    assert f"before={before}" in first
    second = client.get(reverse("events"), {"before": before}).content.decode()
    assert "number 29" in second


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_log_with_a_forged_key(before, administrator):
    assert signed_in(administrator).get(reverse("events"), {"before": before}).status_code == 200


def log_of_two(administrator, editor) -> None:
    day = timezone.make_aware(datetime(2026, 3, 4, 23, 30))
    Event.log("invited", editor, by=administrator, note="=HYPERLINK(1)")
    Event.objects.create(actor=editor, verb="open", kind="surveys.survey", key="7", note="version 2", at=day)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 2),
        ({"kind": "surveys.survey"}, 1),
        ({"since": "2026-03-04", "until": "2026-03-04"}, 1),
        ({"until": "2026-03-03"}, 0),
        ({"since": "2026-03-05"}, 1),
        ({"kind": "surveys.layer"}, 2),  # forged: left out
        ({"since": "yesterday"}, 2),
    ],
)
def test_log_is_searched_and_taken_along(asked, found, administrator, editor):
    Event.objects.all().delete()
    log_of_two(administrator, editor)
    client = signed_in(administrator)
    assert len(client.get(reverse("events"), asked).context["events"]) == found
    answer = client.get(reverse("events_download"), asked)
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + found
    assert "attachment" in answer["Content-Disposition"]


def test_log_of_one_person(administrator, editor):
    log_of_two(administrator, editor)
    found = signed_in(administrator).get(reverse("events"), {"who": editor.pk}).context["events"]
    assert [(event.actor, event.key) for event in found] == [(editor, "7")]


def test_a_spreadsheet_takes_no_note_for_a_formula(administrator, editor):
    log_of_two(administrator, editor)
    text = signed_in(administrator).get(reverse("events_download")).getvalue().decode()
    assert ";'=HYPERLINK(1)" in text and ";=HYPERLINK" not in text
