"""The listening desk in a list: finding, and several at once."""

import pytest
from django.urls import reverse
from zeal import zeal_ignore

from feedback.contributions.forms import parse_ticked_rows
from feedback.contributions.services.listening import (
    LISTENING_BATCH_SIZE,
    TickedText,
    save_reading,
    save_readings,
)
from feedback.models import AnswerOwed, Contribution, ContributionTheme, Promise
from feedback.states import Reading
from tests.feedback.factories import make_contribution, make_debt, make_topic, today
from tests.people import make_theme, signed_in

LIST = reverse("listening_list")


@pytest.fixture
def light():
    return make_theme("light")


@pytest.fixture
def topic(area):
    return make_topic("question:9", area=area)


@pytest.fixture
def texts(topic, editor):
    found = [make_contribution(topic, text=f"Het is donker {n}.", said_on=today(-n)) for n in range(3)]
    for text in found:
        make_debt(contribution=text, owner=editor)
    return found


def value(text, suggested=""):
    return f"{text.pk}~{text.revision}~{suggested}"


def keep(client, texts, **fields):
    return post(client, {"text": [value(text) for text in texts], "reading": "clear"} | fields)


def post(client, data):
    with zeal_ignore():  # a transaction for each text asks the same of each
        return client.post(reverse("listening_many"), data, follow=True)


def test_several_at_once(texts, light, coordinator):
    page = keep(signed_in(coordinator), texts[:2], themes=[light.pk]).content.decode()
    assert "2 teksten bewaard" in page
    assert set(AnswerOwed.objects.values_list("topic__key", flat=True)) == {"theme:light", "question:9"}
    assert Contribution.objects.filter(reading=Reading.CLEAR).count() == 2


def test_one_that_changed_is_told_and_the_others_are_kept(texts, light, coordinator, editor):
    client = signed_in(coordinator)
    rows = [value(text) for text in texts]
    save_reading(contribution=texts[0], seen=0, reading=Reading.SENSITIVE, themes=[], by=editor)
    answer = post(client, {"text": rows, "reading": "clear", "themes": [light.pk]})
    page = answer.content.decode()
    assert "2 teksten bewaard" in page and "1: intussen veranderd" in page
    texts[0].refresh_from_db()
    assert texts[0].reading == Reading.SENSITIVE and not texts[0].themes.exists()


def test_danger_is_read_one_by_one(topic, light, coordinator):
    threat = make_contribution(topic, text="Mijn buurman bedreigt mij met een mes.")
    found = save_readings(
        chosen=[TickedText(threat.pk, 0)], themes=[light], reading="clear", suggested=False, by=coordinator
    )
    threat.refresh_from_db()
    assert found.danger == 1 and threat.reading == Reading.UNREAD


def test_themes_come_beside_those_it_has_and_what_was_found_stays(texts, light, coordinator):
    bikes = make_theme("bikes")
    save_reading(contribution=texts[0], seen=0, reading=Reading.SENSITIVE, themes=[bikes], by=coordinator)
    texts[0].refresh_from_db()
    found = save_readings(
        chosen=[TickedText(texts[0].pk, 1), TickedText(texts[1].pk, 0)],
        themes=[light], reading="", suggested=False, by=coordinator,
    )  # fmt: skip
    assert (found.saved, found.undecided) == (1, 1)
    texts[0].refresh_from_db()
    assert set(texts[0].themes.all()) == {bikes, light} and texts[0].reading == Reading.SENSITIVE


def test_what_is_suggested_counts_when_a_person_accepts_it(texts, light, coordinator):
    row = [TickedText(texts[0].pk, 0, frozenset({"light", "no-such"}))]
    save_readings(chosen=row, themes=[], reading="clear", suggested=True, by=coordinator)
    assert list(texts[0].themes.all()) == [light]


def test_suggestions_stand_beside_what_waits_and_count_nowhere(topic, light, coordinator):
    bikes = make_theme("bikes")
    for n in range(12):
        text = f"Lantaarn kapot in straat {n}" if n % 2 else f"Fietsen staan in de weg {n}"
        done = make_contribution(topic, text=text, reading=Reading.CLEAR)
        ContributionTheme.objects.create(contribution=done, theme=light if n % 2 else bikes)
    make_contribution(topic, text="De lantaarn is kapot")
    page = signed_in(coordinator).get(LIST).content.decode()
    assert "Misschien: Light (" in page and "lantaarn" in page
    assert ContributionTheme.objects.count() == 12
    one = Contribution.objects.unread().get()
    page = signed_in(coordinator).get(reverse("listen_to", args=[one.pk])).content.decode()
    assert "“lantaarn”" in page and "tick=light" in page
    ticked = signed_in(coordinator).get(reverse("listen_to", args=[one.pk]), {"tick": "light"})
    assert ticked.context["form"].initial["themes"] == [light.pk]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"a", "b"}),
        ({"q": "DONKER"}, {"a"}),
        ({"q": "0612345678"}, set()),
        ({"state": "read"}, {"c"}),
        ({"state": "all", "theme": "light"}, {"c"}),
        ({"state": "sensitive"}, set()),
        ({"state": "all", "source": "survey:2"}, {"b"}),
        ({"state": "nonsense", "theme": "nonsense", "area": "x", "after": "1~2~3", "q": "\0"}, {"a", "b"}),
    ],
)
def test_finding(asked, found, area, topic, light, coordinator):
    other = make_topic("question:1", source="survey:2", area=area)
    for source in ("survey:1", "survey:2"):
        Promise.objects.create(
            subject=source, title={"nl": source}, owner=coordinator, due_on=today(), first_due_on=today()
        )
    texts = {
        "a": make_contribution(topic, text="Donker, bel 0612345678", masked_text="Donker, bel [06]"),
        "b": make_contribution(other, text="Meer bankjes"),
        "c": make_contribution(topic, text="Gelezen", slot="c", reading=Reading.CLEAR),
    }
    ContributionTheme.objects.create(contribution=texts["c"], theme=light)
    page = signed_in(coordinator).get(LIST, asked)
    assert {name for name, one in texts.items() if str(one.pk) in page.content.decode()} == found
    assert not any("0612345678" in row.text for row in page.context["rows"])


def test_pages_go_on_where_the_last_one_ended(topic, coordinator, monkeypatch):
    monkeypatch.setattr("feedback.contributions.views.listening.PAGE", 2)
    for n in range(5):
        make_contribution(topic, text=f"Tekst {n}", said_on=today(-n // 2))
    make_contribution(topic, text="Hij bedreigt mij met een mes")
    client, seen, url = signed_in(coordinator), [], LIST
    while url:
        page = client.get(url)
        seen += [row.text for row in page.context["rows"]]
        url = page.context["next_url"] and LIST + page.context["next_url"]
    assert len(seen) == len(set(seen)) == 6 and "bedreigt" in seen[0]


@pytest.mark.parametrize("rows", [[], ["x"], ["~~"]])
def test_choosing_nothing_is_said(rows, coordinator):
    answer = signed_in(coordinator).post(reverse("listening_many"), {"text": rows})
    assert answer.status_code == 422 and "Kies eerst de teksten" in answer.content.decode()


def test_too_many_at_once_is_said():
    rows = [f"00000000-0000-0000-0000-{n:012}~0~" for n in range(LISTENING_BATCH_SIZE + 9)]
    assert len(parse_ticked_rows(rows)) == LISTENING_BATCH_SIZE + 1


def test_texts_of_others_are_not_theirs_to_give_themes(texts, light, stranger, viewer):
    keep(signed_in(stranger), texts, themes=[light.pk])
    assert signed_in(viewer).get(LIST).status_code == 403
    assert not ContributionTheme.objects.exists()


def test_a_thousand_on_a_page_takes_few_queries(topic, light, coordinator, django_assert_max_num_queries):
    for n in range(30):
        done = make_contribution(topic, text=f"Lantaarn {n}", slot=str(n), reading=Reading.CLEAR)
        ContributionTheme.objects.create(contribution=done, theme=light)
    client = signed_in(coordinator)
    client.get(LIST)
    with django_assert_max_num_queries(15):
        client.get(LIST, {"state": "read", "long": 1})
    make_contribution(topic, text="De lantaarn is kapot")
    with django_assert_max_num_queries(15):
        client.get(LIST, {"long": 1})
