"""Two authors at once: the second is told, nothing is written over, and what was taken out can be put back."""

import pytest
from django.urls import reverse
from zeal import zeal_ignore

from surveys.models import Option, Question, Survey
from tests.people import signed_in
from tests.surveys.drafts import make_draft, question_of, was_of
from tests.surveys.test_builder import filled_in, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_draft(areas=[area], by=editor)


@pytest.fixture
def desk(editor):
    return signed_in(editor)


def read(client, url: str) -> dict:
    """What a browser holds after reading a page, with what it was read as."""
    page = client.get(url)
    data = filled_in(client, url)
    for form in (page.context["form"], page.context.get("condition")):
        if form is not None:
            data[form.add_prefix("was")] = was_of(form)
    return data


def test_the_second_is_told_and_nothing_is_written_over(desk, survey):
    question = question_of(survey, "Wat moet er")
    url = page_of(question)
    mine = read(desk, url) | {"text": "Wat wilt u het eerst?", "hint": "Kies er een."}
    desk.post(url, read(desk, url) | {"text": "Wat is het eerst nodig?", "purpose": "Voor de raad."})
    told = desk.post(url, mine)
    question.refresh_from_db()
    assert told.status_code == 409
    assert question.text["nl"] == "Wat is het eerst nodig?"
    page = told.content.decode()
    for words in (
        "Een collega veranderde dit",
        "Wat wilt u het eerst?",
        "Wat is het eerst nodig?",
        "Kies er een.",
    ):
        assert words in page
    assert told.context["form"]["purpose"].value() == "Voor de raad."

    chosen = mine | {"purpose": "Voor de raad.", "was": was_of(told.context["form"])}
    assert desk.post(url, chosen).status_code == 302
    question.refresh_from_db()
    assert (question.text["nl"], question.purpose["nl"]) == ("Wat wilt u het eerst?", "Voor de raad.")


def test_two_languages_are_written_at_once(desk, survey):
    question = question_of(survey, "Wat moet er")
    dutch, english = page_of(question), page_of(question, "en")
    mine = read(desk, english) | {"text": "What first?"}
    desk.post(dutch, read(desk, dutch) | {"text": "Wat eerst?"})
    assert desk.post(english, mine).status_code == 302
    question.refresh_from_db()
    assert question.text == {"nl": "Wat eerst?", "en": "What first?"}


def test_two_questions_are_written_at_once(desk, survey):
    one, other = page_of(question_of(survey, "Wat moet er")), page_of(question_of(survey, "Hoe is"))
    mine = read(desk, one) | {"text": "Wat eerst?"}
    desk.post(other, read(desk, other) | {"text": "Hoe woont u hier?"})
    assert desk.post(one, mine).status_code == 302


def test_mistakes_do_not_hide_what_a_colleague_wrote(desk, survey):
    url = page_of(question_of(survey, "Wat moet er"))
    mine = read(desk, url) | {"text": "Wat eerst?", "new_options": "x" * 200}
    desk.post(url, read(desk, url) | {"text": "Wat nu?"})
    wrong = desk.post(url, mine)
    assert wrong.status_code == 422
    again = mine | {"new_options": "", "was": was_of(wrong.context["form"])}
    assert desk.post(url, again).status_code == 409


def test_an_answer_taken_out_gives_its_words_back(desk, survey):
    question = question_of(survey, "Wat moet er")
    option, url = question.options.first(), page_of(question)
    mine = read(desk, url) | {f"option_{option.pk}": "Een bankje om te zitten"}
    desk.post(url, read(desk, url) | {"go": f"out:{option.pk}"})
    told = desk.post(url, mine)
    assert told.status_code == 409
    assert "Een bankje om te zitten" in told.content.decode()


def test_a_question_taken_out_gives_its_words_back(desk, survey):
    question = question_of(survey, "Wat moet er")
    url = page_of(question)
    mine = read(desk, url) | {"text": "Wat eerst?"}
    desk.post(reverse("survey_question_do", args=[survey.pk, question.pk, "out"]))
    told = desk.post(url, mine)
    assert told.status_code == 409
    assert "Wat eerst?" in told.content.decode()
    assert reverse("survey_question_do", args=[survey.pk, question.pk, "back"]) in told.content.decode()


@pytest.mark.parametrize("name", ["survey_settings", "survey_card"])
def test_settings_and_card(desk, survey, name):
    url = reverse(name, args=[survey.pk])
    form = desk.get(url).context["form"]
    data = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    data |= {"language": "nl", "was": was_of(form)}
    field = "title" if name == "survey_settings" else "money"
    assert desk.post(url, data | {field: "Van de een"}).status_code == 302
    told = desk.post(url, data | {field: "Van de ander"})
    assert told.status_code == 409
    assert "Van de een" in told.content.decode()
    assert "Van de ander" in told.content.decode()


def test_layer(desk, survey):
    layer = survey.layers.filter(is_first=False).first()
    url = reverse("survey_layer", args=[survey.pk, layer.pk])
    mine = read(desk, url) | {"title": "Van de ander"}
    desk.post(url, read(desk, url) | {"title": "Van de een"})
    assert desk.post(url, mine).status_code == 409


def test_a_save_between_reading_and_writing_is_seen(desk, survey, monkeypatch):
    """The colleague comes in after the forms were compared, in the moment before the row is locked."""
    from surveys.builder.services import draft

    question = question_of(survey, "Wat moet er")
    url = page_of(question)
    mine, first = read(desk, url) | {"text": "Wat eerst?"}, [True]
    write = draft.change_question

    def after_a_colleague(**fields):
        if first and first.pop():
            Question.objects.filter(pk=question.pk).update(text={"nl": "Wat nu?"})
            Survey.objects.filter(pk=survey.pk).update(revision=7)
        return write(**fields)

    monkeypatch.setattr(draft, "change_question", after_a_colleague)
    with zeal_ignore():  # the page is made twice, once before the colleague came and once after
        assert desk.post(url, mine).status_code == 409
    question.refresh_from_db()
    assert question.text["nl"] == "Wat nu?"


# --- undo -------------------------------------------------------------------------------------


def test_each_can_be_put_back_where_it_was_taken_out(desk, survey):
    question = question_of(survey, "Wat moet er")
    option, url = question.options.first(), page_of(question)
    page = desk.post(url, read(desk, url) | {"go": f"out:{option.pk}"}, follow=True)
    assert f'value="back:{option.pk}"' in page.content.decode()
    desk.post(url, read(desk, url) | {"go": f"back:{option.pk}"})
    assert not Option.objects.get(pk=option.pk).retired

    layer = survey.layers.filter(is_first=False).first()
    for name, row in (("survey_question_do", question), ("survey_layer_do", layer)):
        page = desk.post(reverse(name, args=[survey.pk, row.pk, "out"]), follow=True)
        back = reverse(name, args=[survey.pk, row.pk, "back"])
        assert page.content.decode().count(f'action="{back}"') == 2, "in the confirmation and in the list"
        desk.post(back)
        row.refresh_from_db()
        assert not row.retired
