"""The inventory of initiatives: noted down, looked over, stopped, and taken along."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from initiatives.initiatives.services.library import save_initiative
from initiatives.models import Initiative
from neighbourhoods.states import Role
from tests.feedback.factories import today
from tests.initiatives.factories import make_initiative
from tests.neighbourhoods.factories import make_party
from tests.people import make_membership, make_theme, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def theme(municipality):
    return make_theme("meeting")


def filled(area, theme, **data) -> dict:
    return {
        "name_nl": "Soep op dinsdag", "name_en": "Soup on Tuesday", "description_nl": "In het Sluishuis, om 12 uur.",
        "theme": theme.pk, "area": area.pk,
    } | data  # fmt: skip


def listed(user, **asked) -> list[str]:
    page = signed_in(user).get(reverse("initiatives"), asked)
    return [one.name["nl"] for one in page.context["initiatives"]]


def test_note_change_and_stop(area, theme, coordinator):
    client, party = signed_in(coordinator), make_party(areas=[area])
    client.post(reverse("initiative_new"), filled(area, theme, party=party.pk, since="2024-03-01"))
    one = Initiative.objects.get()
    assert (one.name["en"], one.party, one.is_running) == ("Soup on Tuesday", party, True)
    client.post(reverse("initiative_change", args=[one.pk]), filled(area, theme, name_nl="Soep op woensdag"))
    client.post(reverse("initiative_do", args=[one.pk, "stop"]))
    one.refresh_from_db()
    assert (one.name["nl"], one.party, one.is_running) == ("Soep op woensdag", None, False)
    assert one.has_a_page, "It was public from the day it was noted."
    assert (
        "Dit was al gestopt."
        in client.post(reverse("initiative_do", args=[one.pk, "stop"]), follow=True).content.decode()
    )
    client.post(reverse("initiative_do", args=[one.pk, "again"]))
    one.refresh_from_db()
    assert one.is_running
    verbs = Event.objects.filter(kind="initiatives.initiative").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["added", "changed", "stopped", "took up again"]


def test_what_is_not_in_the_form_stays_as_it_is_by_now(area, theme, coordinator):
    """Two who have it open: one corrects its name, the other took its next step or ended it meanwhile."""
    opened = make_initiative(area, owner=coordinator, next_action="Bellen", next_action_on=today())
    Initiative.objects.filter(pk=opened.pk).update(next_action="Vergaderen", next_action_on=today(9))
    save_initiative(by=coordinator, area=area, initiative=opened, name={"nl": "Soep"}, theme=theme)
    one = Initiative.objects.get()
    assert (one.name, one.theme) == ({"nl": "Soep"}, theme)
    assert (one.next_action, one.next_action_on) == ("Vergaderen", today(9))


def test_still_true(area, coordinator):
    one = make_initiative(area, checked_on=timezone.localdate() - timedelta(days=500))
    signed_in(coordinator).post(reverse("initiative_do", args=[one.pk, "still-true"]))
    one.refresh_from_db()
    assert one.checked_on == timezone.localdate()


@pytest.mark.parametrize(
    "data",
    [
        {"name_nl": ""},
        {"theme": ""},
        {"theme": "999"},
        {"area": "999"},
        {"since": "2999-01-01"},
        {"since": "soon"},
        {"url": "javascript:alert(1)"},
        {"name_nl": "x" * 121},
    ],
)
def test_wrong_keeps_what_was_typed(area, theme, coordinator, data):
    page = signed_in(coordinator).post(reverse("initiative_new"), filled(area, theme) | data)
    assert page.status_code == 422 and not Initiative.objects.exists()
    assert "In het Sluishuis, om 12 uur." in page.content.decode()


def test_area_of_somebody_else_can_not_be_chosen(area, other_area, theme, coordinator):
    signed_in(coordinator).post(reverse("initiative_new"), filled(other_area, theme))
    assert not Initiative.objects.exists()


def test_list_within_what_one_may_see(area, other_area, viewer):
    make_initiative(area, name="Soep")
    make_initiative(other_area, name="Schaken")
    assert listed(viewer) == ["Soep"]
    make_membership(viewer, Role.VIEWER, other_area)
    assert listed(viewer) == ["Soep", "Schaken"]
    assert listed(viewer, area=other_area.slug) == ["Schaken"]


def test_filters(area, theme, editor):
    make_initiative(area, name="Soep", theme=theme)
    make_initiative(area, name="Café Één", party=make_party(areas=[area], name="Welzijn"))
    make_initiative(area, name="Vroeger", state="ended")
    assert listed(editor, theme="meeting") == ["Soep"]
    assert listed(editor, state="stopped") == ["Vroeger"]
    assert len(listed(editor, state="all")) == 3
    assert listed(editor, q="café") == ["Café Één"] and listed(editor, q="welzijn") == ["Café Één"]


@pytest.mark.parametrize("typed", ["\0", "%", "x" * 5000, "²", "'; DROP TABLE"])
def test_filters_take_anything(area, editor, typed):
    client = signed_in(editor)
    for asked in ({"q": typed}, {"state": typed}, {"after": typed}):
        assert client.get(reverse("initiatives"), asked).status_code == 200
    for asked in ({"area": typed}, {"theme": typed}):
        assert client.get(reverse("initiatives"), asked).status_code in (200, 404)


def test_no_button_where_one_only_looks_on(area, other_area, coordinator):
    there = make_initiative(other_area)
    make_membership(coordinator, Role.VIEWER, other_area)
    page = signed_in(coordinator).get(reverse("initiatives")).content.decode()
    assert reverse("initiative_change", args=[there.pk]) not in page
    assert signed_in(coordinator).get(reverse("initiative_change", args=[there.pk])).status_code == 403


def test_csv_in_the_readers_language_without_formulas(area, theme, editor):
    make_initiative(area, name="=1+1", theme=theme)
    response = signed_in(editor).get(reverse("initiatives_csv"))
    rows = list(
        csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")), delimiter=";")
    )
    assert rows[0][:3] == ["Naam", "Wanneer, waar, voor wie", "Thema"]
    assert rows[1][0] == "'=1+1" and rows[1][3] == "Harbour"


def test_pages_by_key_and_asks_flat(area, monkeypatch, django_assert_max_num_queries):
    from initiatives.initiatives.views import approaches

    monkeypatch.setattr(approaches, "INITIATIVES_PAGE_SIZE", 10)
    for number in range(15):
        make_initiative(area, name=f"Initiatief {number}", party=make_party(areas=[area]))
    client = signed_in(make_user(Role.VIEWER, area))
    first = client.get(reverse("initiatives"))
    with django_assert_max_num_queries(14):
        second = client.get(reverse("initiatives") + first.context["next_url"])
    assert (len(first.context["initiatives"]), len(second.context["initiatives"])) == (10, 5)


def test_sent_twice_is_noted_once(area, theme, coordinator):
    client = signed_in(coordinator)
    for _ in range(2):
        page = client.post(reverse("initiative_new"), filled(area, theme))
    assert Initiative.objects.count() == 1 and "staat hier al" in page.content.decode()
