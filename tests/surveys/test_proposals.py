"""Texts that came along with an example, a copy or a file: publishing waits until a person said that they hold."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from surveys.builder.services import library_items
from surveys.builder.services.draft import change_card, retire_question
from surveys.builder.services.keeping import save_processing_record
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import PublicationRefused, publish_survey
from surveys.builder.services.readiness import PublishBlocker, publish_blockers
from surveys.builder.services.start import start_survey
from surveys.exchange.services import start_from_form, xlsform_of_survey
from surveys.library import LIBRARY
from surveys.models import Question, Survey
from tests.people import make_municipality, signed_in
from tests.surveys.drafts import (
    NOTES,
    confirm_by_hand,
    fresh,
    make_draft,
    make_published,
    question_of,
    values_of,
    was_of,
)
from tests.surveys.test_draft import change

pytestmark = pytest.mark.django_db
ABOUT_SURVEY = ["influence", "influence_text", "promise", "who_asks", "why"]
ABOUT_CARD = [f"card.{row}" for row in ("contact", "influence", "money", "time", "too_few")]


@pytest.fixture
def survey(area, editor) -> Survey:
    """From an example, with everything that nobody but a person can fill in."""
    survey = start_survey(plan=LIBRARY["first-sounding"], areas=[area], languages=["nl", "en"], by=editor)
    survey.promise_before = timezone.localdate() + timedelta(days=60)
    survey.erase_on = timezone.localdate() + timedelta(days=200)
    survey.save()
    save_processing_record(survey=survey, fields=NOTES, by=editor)
    return survey


@pytest.fixture
def desk(editor):
    return signed_in(editor)


def proposals(survey: Survey) -> list[PublishBlocker]:
    return [lack for lack in publish_blockers(fresh(survey)) if lack.anchor.startswith("id_confirm_")]


def fields(question: Question) -> list[str]:
    question.refresh_from_db()
    return question.proposed


def test_an_example_brings_proposals_and_nothing_else_is_lacking(survey):
    assert sorted(survey.proposed) == sorted(ABOUT_SURVEY + ABOUT_CARD)
    assert question_of(survey, "Wat moet er").proposed == ["purpose", "use"]
    assert question_of(survey, "Zou u een boomspiegel").proposed == ["use"]
    assert question_of(survey, "Kent u").proposed == []
    assert proposals(survey) == publish_blockers(fresh(survey))


def test_publishing_refuses_until_each_place_is_confirmed(desk, survey, editor):
    pages = {lack.place.url for lack in proposals(survey)}
    assert reverse("survey_settings", args=[survey.pk]) in pages
    for url in sorted(pages):
        with pytest.raises(PublicationRefused):
            publish_survey(survey=survey, by=editor)
        page = desk.get(url)
        assert "Voorstel uit het voorbeeld: klopt dit?" in page.content.decode()
        mine = [lack for lack in proposals(survey) if lack.place.url == url]
        assert all(f'id="{lack.anchor}"' in page.content.decode() for lack in mine)
        desk.post(url, values_of(page) | {lack.anchor.removeprefix("id_"): "on" for lack in mine})
        assert "klopt dit?" not in desk.get(url).content.decode()
    assert publish_survey(survey=survey, by=editor).number == 1


def test_the_page_of_opening_lists_each_with_its_place(desk, survey):
    page = desk.get(reverse("survey_opening", args=[survey.pk])).content.decode()
    assert "Geld: dit is een voorstel. Verander het, of zeg dat het klopt." in page
    assert f'href="{reverse("survey_card", args=[survey.pk])}#id_confirm_money"' in page
    desk.post(reverse("survey_step", args=[survey.pk, "publish"]))
    assert fresh(survey).current is None


@pytest.mark.parametrize("url_name", ["survey_settings", "survey_card"])
def test_saving_a_page_without_a_tick_confirms_nothing(desk, survey, url_name):
    url = reverse(url_name, args=[survey.pk])
    assert desk.post(url, values_of(desk.get(url))).status_code == 302
    assert fresh(survey).proposed == survey.proposed


def test_another_text_of_the_main_language_counts(desk, survey):
    url = reverse("survey_settings", args=[survey.pk])
    desk.post(
        url, values_of(desk.get(url)) | {"why": "Wij maken een plan voor de straat.", "influence": "consult"}
    )
    assert {"why", "influence"}.isdisjoint(fresh(survey).proposed)
    english = values_of(desk.get(f"{url}?language=en")) | {"who_asks": "The city, with residents."}
    desk.post(url, english)
    assert fresh(survey).who_asks["en"] == "The city, with residents."
    assert "who_asks" in fresh(survey).proposed


def test_another_row_of_the_card_counts(survey, editor):
    rows = {row: getattr(survey.card, row)["nl"] for row in survey.card.ROWS} | {"money": "Er is € 500."}
    change_card(survey=survey, language="nl", rows=rows, by=editor)
    assert [mark for mark in fresh(survey).proposed if mark.startswith("card.")] == [
        mark for mark in ABOUT_CARD if mark != "card.money"
    ]


def test_another_text_of_a_question_counts(survey, editor):
    question = question_of(survey, "Wat moet er")
    change(question, editor, texts={"use": "Wij maken er een plan mee."})
    assert fields(question) == ["purpose"]


def test_confirming_leaves_a_line_in_the_log(desk, survey):
    confirm_by_hand(desk, survey)
    lines = Event.objects.about(survey).filter(verb="confirm")
    assert {str(line.facts["fields"]) for line in lines} >= {", ".join(ABOUT_SURVEY), ", ".join(ABOUT_CARD)}
    assert {line.facts.get("question") for line in lines} >= {question_of(survey, "Wat moet er").pk}
    assert all(line.actor_id for line in lines)


def test_what_is_taken_out_waits_until_it_is_put_back(survey, editor, desk):
    question = question_of(survey, "Wat moet er")
    retire_question(question=question, by=editor)
    assert not any(question.pk in lack.place.args for lack in proposals(survey))
    desk.post(reverse("survey_question_do", args=[survey.pk, question.pk, "back"]))
    assert sum(question.pk in lack.place.args for lack in proposals(survey)) == 2


def test_a_colleague_confirms_while_i_write(desk, survey):
    url = reverse("survey_settings", args=[survey.pk])
    mine = values_of(desk.get(url)) | {"lead": "Vier vragen."}
    desk.post(url, values_of(desk.get(url)) | {"confirm_why": "on"})
    assert desk.post(url, mine).status_code == 302
    assert fresh(survey).lead["nl"] == "Vier vragen."
    assert "why" not in fresh(survey).proposed


def test_a_tick_is_not_for_what_a_colleague_wrote_meanwhile(desk, survey):
    url = reverse("survey_settings", args=[survey.pk]) + "?language=en"
    mine = values_of(desk.get(url)) | {"confirm_why": "on"}
    desk.post(url, values_of(desk.get(url)) | {"why": "Because the mayor wants it."})
    assert desk.post(url, mine).status_code == 409
    assert "why" in fresh(survey).proposed


def test_another_round_brings_back_what_is_bound_to_its_moment(survey, editor):
    survey.card.money = {"nl": "Er is geen geld.", "en": "There is no money."}
    survey.card.save()
    confirm_all(survey=survey, by=editor)
    again = library_items.repeat_survey(survey=survey, by=editor)
    assert again.proposed == ["card.money", "card.time"]
    assert question_of(again, "Wat moet er").proposed == ["purpose", "use"]
    assert question_of(again, "Waar steekt u").proposed == []


def test_another_round_keeps_what_was_never_confirmed(survey, editor, desk):
    again = library_items.repeat_survey(survey=survey, by=editor)
    assert again.proposed == sorted(survey.proposed)
    page = desk.get(reverse("survey_card", args=[again.pk])).content.decode()
    assert "Overgenomen van de vorige keer: klopt dit nog?" in page


def test_the_own_library_brings_proposals_as_well(survey, editor, area):
    confirm_all(survey=survey, by=editor)
    question = question_of(survey, "Zou u een boomspiegel")
    library_items.keep_in_library(source=question, name="Boomspiegel", by=editor)
    other = start_survey(areas=[area], languages=["nl"], title="Groen", by=editor)
    added = library_items.add_entry_to_survey(
        survey=other, item=library_items.library_entries()[0], layer=other.layers.get(), by=editor
    )
    assert added.proposed == ["use"]


def test_a_file_says_nothing_of_what_was_confirmed(survey, editor, area, desk):
    confirm_all(survey=survey, by=editor)
    content = xlsform_of_survey(fresh(survey)).workbook()
    read_in = start_from_form(content=content, name="f.xlsx", areas=[area], languages=["nl", "en"], by=editor)
    assert sorted(read_in.proposed) == sorted(ABOUT_SURVEY + ABOUT_CARD)
    page = desk.get(reverse("survey_card", args=[read_in.pk])).content.decode()
    assert "Voorstel uit het bestand of de bibliotheek: klopt dit?" in page


@pytest.mark.parametrize(
    ("words", "proposed"),
    [
        ({"nl": "Dat doen wij in mei."}, True),
        ({"en": "We do so in May."}, True),
        ({"en": "You may say so."}, False),
        ({"nl": "Er is 500 euro voor."}, True),
        ({"nl": "In 2027 kijken wij weer."}, True),
        ({"nl": "Het college besluit erover."}, True),
        ({"nl": "Wij maken er een lijst van."}, False),
    ],
)
def test_what_makes_a_claim(area, editor, words, proposed):
    survey = make_draft(areas=[area], by=editor)
    question = question_of(survey, "Kent u")
    Question.objects.filter(pk=question.pk).update(use=words)
    item = library_items.keep_in_library(source=question_of(survey, "Kent u"), name="Kent u", by=editor)
    added = library_items.add_entry_to_survey(
        survey=survey, item=library_items.find_library_item(f"own-{item.pk}"), layer=question.layer, by=editor
    )
    assert (added.proposed == ["use"]) is proposed


# --- the default of the municipality ----------------------------------------------------------

PRIVACY = NOTES | {"basis": "public_task"}


def set_default(client, **changes):
    return client.post(reverse("keeping_default"), PRIVACY | changes)


def test_a_new_survey_begins_with_the_notes_of_the_settings(survey, editor, area, administrator, desk):
    assert set_default(signed_in(administrator)).status_code == 302
    new = start_survey(areas=[area], languages=["nl"], title="Groen", by=editor)
    assert new.keeping.basis_in == NOTES["basis_in"]
    url = reverse("survey_keeping", args=[new.pk])
    assert not any(lack.place.url == url for lack in publish_blockers(fresh(new)))
    assert "komen uit Instellingen" in desk.get(url).content.decode()
    desk.post(url, PRIVACY | {"processors": "Drukker Jansen.", "abandoned_days": 30})
    assert fresh(new).keeping.processors == "Drukker Jansen."
    assert "komen uit Instellingen" not in desk.get(url).content.decode()


def test_another_default_changes_no_survey_that_is_there(area, editor, administrator):
    client = signed_in(administrator)
    set_default(client)
    survey = make_published(areas=[area], by=editor)
    set_default(client, processors="Een ander.")
    assert fresh(survey).keeping.processors == NOTES["processors"]
    lines = Event.objects.filter(verb="changed privacy default", actor=administrator)
    assert [line.facts["fields"] for line in lines.order_by("pk")] == [
        "basis, basis_in, impact_note, processors",
        "processors",
    ]


def test_only_an_administrator_of_the_municipality_changes_the_default(desk, survey, administrator):
    make_municipality()
    url = reverse("survey_keeping", args=[survey.pk])
    assert set_default(desk).status_code == 403
    assert "Een beheerder kan dit in Instellingen zetten" in desk.get(url).content.decode()
    desk.post(url, PRIVACY | {"abandoned_days": 30, "as_default": "on"})
    assert "as_default" not in desk.get(url).context["form"].fields
    assert (
        "Er is nog geen standaard"
        in signed_in(administrator).get(reverse("keeping_default")).content.decode()
    )


def test_the_first_survey_is_asked_and_offers_to_keep_it_as_default(survey, area, administrator):
    client, url = signed_in(administrator), reverse("survey_keeping", args=[survey.pk])
    assert "Bewaar dit als standaard voor alle peilingen" in client.get(url).content.decode()
    client.post(url, PRIVACY | {"abandoned_days": 30, "as_default": "on"})
    assert "Bewaar dit als standaard" not in client.get(url).content.decode()
    other = start_survey(areas=[area], languages=["nl"], title="Groen", by=administrator)
    assert other.keeping.impact_note == NOTES["impact_note"]


def test_an_empty_default_is_none(administrator, area):
    client = signed_in(administrator)
    set_default(client)
    set_default(client, basis_in="", impact_note="", processors=" ")
    survey = start_survey(areas=[area], languages=["nl"], title="Groen", by=administrator)
    assert not hasattr(survey, "keeping")


def test_two_administrators_do_not_write_over_each_other(administrator):
    client = signed_in(administrator)
    set_default(client)
    was = was_of(client.get(reverse("keeping_default")).context["form"])
    set_default(client, processors="Drukker Jansen.")
    told = set_default(client, processors="Drukker Pieters.", was=was)
    assert told.status_code == 409
    assert "Drukker Jansen." in told.content.decode()
