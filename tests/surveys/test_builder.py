"""The builder as a colleague meets it: pages, buttons, languages, conditions, and who may."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from neighbourhoods.models import Backing
from neighbourhoods.states import Role
from surveys.builder.services.freeze import freeze
from surveys.builder.services.readiness import open_remarks
from surveys.models import Channel, Layer, Option, Question, Survey
from surveys.opening.services.running import close_survey
from surveys.states import SurveyState
from tests.markup import squeezed
from tests.people import make_membership, make_municipality, make_user, signed_in
from tests.surveys.drafts import NOTES, confirm_by_hand, make_draft, make_open, question_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(area, editor) -> Survey:
    return make_draft(areas=[area], by=editor)


@pytest.fixture
def desk(editor):
    return signed_in(editor)


def page_of(question: Question, language: str = "nl") -> str:
    return reverse("survey_question", args=[question.layer.survey_id, question.pk]) + f"?language={language}"


def filled_in(client, url: str, **changes) -> dict[str, str]:
    """What a browser would send from this page, with some fields changed."""
    page = client.get(url)
    form, condition = page.context["form"], page.context["condition"]
    data = {"language": page.context["language"]}
    for one in (form, condition):
        for field in one:
            value = field.value()
            if value is None or value is False:
                continue
            data[field.html_name] = "on" if value is True else value
    return data | changes


def test_whole_journey_from_example_to_open(desk, editor, area, backer):
    started = desk.post(
        reverse("survey_new"), {"plan": "meeting", "areas": [area.pk], "languages": ["nl", "en"], "title": ""}
    )
    survey = Survey.objects.get()
    assert started.url == reverse("survey_edit", args=[survey.pk])
    opening = reverse("survey_opening", args=[survey.pk])
    assert "Beloof een dag" in squeezed(desk.get(opening).content.decode())
    desk.post(reverse("survey_step", args=[survey.pk, "publish"]))
    survey.refresh_from_db()
    assert survey.state == SurveyState.DRAFT

    settings = reverse("survey_settings", args=[survey.pk])
    form = desk.get(settings).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    year = timezone.localdate().year + 2
    days = {"promise_before": f"{year}-05-15", "erase_on": f"{year}-12-01"}
    assert desk.post(settings, data | days | {"language": "nl"}).status_code == 302
    keeping = reverse("survey_keeping", args=[survey.pk])
    assert desk.post(keeping, NOTES | {"basis": "public_task", "abandoned_days": 30}).status_code == 302
    assert "“Waarom?”: dit is een voorstel." in squeezed(desk.get(opening).content.decode())
    confirm_by_hand(desk, survey)
    assert "dit is een voorstel" not in squeezed(desk.get(opening).content.decode())
    assert desk.get(reverse("survey_step", args=[survey.pk, "publish"])).status_code == 200
    desk.post(reverse("survey_step", args=[survey.pk, "publish"]))
    survey.refresh_from_db()
    assert survey.state == SurveyState.PUBLISHED
    page = squeezed(desk.get(opening).content.decode())
    looks = re.findall(r'utrecht-button--(\w+)-action"[^>]*>\s*(?:Terugnemen|Peiling open)', page)
    assert looks == ["secondary", "primary"], "the way back does not stand out"

    asked = {
        "backer": backer.pk,
        "until": f"{year}-12-01",
        "statement_nl": "Ik sta erachter.",
        "statement_en": "I do.",
    }
    assert desk.post(reverse("survey_ask", args=[survey.pk]), asked).status_code == 302
    desk.post(reverse("survey_step", args=[survey.pk, "open"]))
    survey.refresh_from_db()
    assert survey.state == SurveyState.PUBLISHED

    backing = Backing.objects.get()
    signed_in(backer).post(reverse("backing_sign", args=[backing.pk]), {"digest": backing.digest})
    desk.post(reverse("survey_step", args=[survey.pk, "open"]))
    survey.refresh_from_db()
    assert survey.state == SurveyState.OPEN
    page = squeezed(desk.get(opening).content.decode())
    assert f'href="{reverse("survey_channels", args=[survey.pk])}"> Nodig bewoners uit' in page
    assert desk.get(reverse("start", args=[survey.channels.get().code])).status_code == 200


def test_new_without_title_or_example(desk, area):
    page = desk.post(
        reverse("survey_new"), {"plan": "", "areas": [area.pk], "languages": ["nl"], "title": " "}
    )
    assert page.status_code == 422
    assert "Geef een titel" in page.content.decode()


def test_new_in_an_area_of_somebody_else(desk, other_area):
    page = desk.post(
        reverse("survey_new"), {"plan": "meeting", "areas": [other_area.pk], "languages": ["nl"]}
    )
    assert page.status_code == 422
    assert not Survey.objects.exists()


def test_who_works_in_english_writes_english_first(desk, survey, area):
    """Where the survey has it: the address still decides, and a survey without English shows its own."""
    question = survey.layers.first().questions.first()
    pages = [
        reverse("survey_question", args=[survey.pk, question.pk]),
        reverse("survey_layer", args=[survey.pk, question.layer_id]),
        reverse("survey_settings", args=[survey.pk]),
        reverse("survey_card", args=[survey.pk]),
    ]
    english = {"headers": {"Accept-Language": "en"}}
    assert [desk.get(url).context["language"] for url in pages] == ["nl"] * 4
    assert [desk.get(url, **english).context["language"] for url in pages] == ["en"] * 4
    assert desk.get(page_of(question, "nl"), **english).context["language"] == "nl"
    assert question.text["en"] in desk.get(pages[0], **english).content.decode()

    desk.post(
        reverse("survey_new"),
        {"plan": "meeting", "areas": [area.pk], "languages": ["nl", "en"], "title": "The hall"},
        **english,
    )
    new = Survey.objects.latest("pk")
    assert new.title["en"] == "The hall" and new.languages == ["nl", "en"]
    assert new.title["nl"] != "The hall" and "title.nl" in new.stale
    Survey.objects.filter(pk=survey.pk).update(languages=["nl"])
    assert desk.get(pages[0], **english).context["language"] == "nl"


def test_question_is_saved_in_one_language(desk, survey):
    question = question_of(survey, "Wat moet er")
    url = page_of(question, "en")
    answer = desk.post(url, filled_in(desk, url, text="What first?"))
    assert answer.status_code == 302
    assert "language=en" in answer.url
    question.refresh_from_db()
    assert question.text == {"nl": "Wat moet er in Harbour als eerste komen?", "en": "What first?"}


def test_saving_untouched_changes_nothing(desk, survey):
    for question in Question.objects.filter(layer__survey=survey).select_related("layer"):
        before = Question.objects.filter(pk=question.pk).values().get()
        desk.post(page_of(question), filled_in(desk, page_of(question)))
        assert Question.objects.filter(pk=question.pk).values().get() == before


def test_answers_by_buttons(desk, survey):
    question = question_of(survey, "Wilt u")
    url = page_of(question)
    first, second, third = question.options.all()
    desk.post(url, filled_in(desk, url, go=f"down:{first.pk}", **{f"option_{third.pk}": "Nee"}))
    assert [option.label["nl"] for option in question.options.all()] == [
        "Misschien, als ik meer weet",
        "Ja, graag",
        "Nee",
    ]
    desk.post(url, filled_in(desk, url, go=f"out:{second.pk}"))
    desk.post(url, filled_in(desk, url, go="add", new_options="Straks\n\n  Later \n"))
    labels = [option.label["nl"] for option in question.options.filter(retired=False)]
    assert labels == ["Ja, graag", "Nee", "Straks", "Later"]


def test_too_long_answer_keeps_what_was_typed(desk, survey):
    url = page_of(question_of(survey, "Wilt u"))
    page = desk.post(url, filled_in(desk, url, text="Wilt u meedoen?", new_options="x" * 121))
    assert page.status_code == 422
    assert "Kort het langste in" in page.content.decode()
    assert "Wilt u meedoen?" in page.content.decode()


def test_condition_from_fields(desk, survey):
    question, first = question_of(survey, "Kent u"), question_of(survey, "Wat moet er")
    green = first.options.get(label__nl="Meer groen en schaduw")
    url = page_of(question)
    tests = {
        "condition-match": "any",
        "condition-test_0": f"is:{first.pk}:{green.pk}",
        "condition-test_1": f"not-answered:{question_of(survey, 'Hoe is').pk}",
        "condition-respondents": ["entrepreneur"],
    }
    assert desk.post(url, filled_in(desk, url, **tests)).status_code == 302
    question.refresh_from_db()
    assert question.condition == {
        "any": [
            {"is": {"question": str(first.pk), "option": str(green.pk)}},
            {"not": {"answered": str(question_of(survey, "Hoe is").pk)}},
            {"respondent": ["entrepreneur"]},
        ]
    }
    none = {"condition-test_0": "", "condition-test_1": "", "condition-respondents": []}
    desk.post(url, filled_in(desk, url, **none))
    question.refresh_from_db()
    assert question.condition is None


def test_condition_on_a_later_question_is_not_offered(desk, survey):
    question, later = question_of(survey, "Wat moet er"), question_of(survey, "Kent u")
    url = page_of(question)
    page = desk.post(url, filled_in(desk, url, **{"condition-test_0": f"answered:{later.pk}"}))
    assert page.status_code == 422


def test_condition_that_is_deeper_than_the_form_stays(desk, survey):
    question, first = question_of(survey, "Kent u"), question_of(survey, "Wat moet er")
    deep = {"any": [{"all": [{"answered": str(first.pk)}]}, {"in_area": ["1"]}]}
    Question.objects.filter(pk=question.pk).update(condition=deep)
    url = page_of(question)
    desk.post(url, filled_in(desk, url))
    question.refresh_from_db()
    assert question.condition == deep
    desk.post(url, filled_in(desk, url, **{"condition-replace": "on"}))
    question.refresh_from_db()
    assert question.condition is None


def test_layers_and_questions_by_buttons(desk, survey):
    layers = survey.layers.count()
    desk.post(reverse("survey_layer_add", args=[survey.pk]))
    layer = Layer.objects.filter(survey=survey).latest("pk")
    assert survey.layers.count() == layers + 1
    desk.post(reverse("survey_question_add", args=[survey.pk, layer.pk]), {"type": "yes_no"})
    assert layer.questions.get().options.count() == 2
    url = reverse("survey_layer", args=[survey.pk, layer.pk])
    assert desk.post(url, filled_in(desk, url, title="Nieuw", one_page="on")).status_code == 302
    layer.refresh_from_db()
    assert (layer.title, layer.one_page) == ({"nl": "Nieuw"}, True)
    desk.post(reverse("survey_layer_do", args=[survey.pk, layer.pk, "out"]))
    assert "Zet terug" in desk.get(reverse("survey_edit", args=[survey.pk]), follow=True).content.decode()
    desk.post(reverse("survey_layer_do", args=[survey.pk, layer.pk, "back"]))
    layer.refresh_from_db()
    assert not layer.retired


def ids(rows) -> str:
    return ",".join(str(row.pk) for row in rows.filter(retired=False))


def test_question_is_dragged_to_another_layer(desk, survey):
    first, second = survey.layers.order_by("-is_first", "order")[:2]
    question = first.questions.first()
    url = reverse("survey_question_do", args=[survey.pk, question.pk, "move"])
    dropped = {"place": 0, "layer": second.pk, "seen": ids(second.questions)}
    assert "Verplaatst naar plaats 1" in desk.post(url, dropped, follow=True).content.decode()
    assert second.questions.first() == question
    # Pressed twice: the order they saw is no more, and nothing moves.
    assert "intussen veranderd" in desk.post(url, dropped, follow=True).content.decode()
    assert second.questions.first() == question


def test_layer_is_dragged(desk, survey):
    deeper = survey.layers.filter(is_first=False)
    first, seen = deeper.first(), ids(deeper)
    url = reverse("survey_layer_do", args=[survey.pk, first.pk, "move"])
    desk.post(url, {"place": 1, "seen": seen})
    assert list(survey.layers.filter(is_first=False))[1] == first


@pytest.mark.parametrize(
    "dropped", [{}, {"place": "x"}, {"place": -1}, {"place": 0, "layer": 999}, {"place": 0, "layer": "²"}]
)
def test_forged_drop_is_not_found(desk, survey, dropped):
    question = question_of(survey, "Wilt u")
    url = reverse("survey_question_do", args=[survey.pk, question.pk, "move"])
    assert desk.post(url, dropped | {"seen": ids(question.layer.questions)}).status_code == 404


def test_answer_is_dragged_and_what_was_typed_is_kept(desk, survey):
    question = question_of(survey, "Wilt u")
    url = page_of(question)
    a, b, c = question.options.all()
    desk.post(url, filled_in(desk, url, text="Wilt u nu?", go=f"move:{a.pk}:2", seen=ids(question.options)))
    assert list(question.options.all()) == [b, c, a]
    stale = filled_in(desk, url, text="Wilt u straks?", go=f"move:{a.pk}:-2", seen=f"{a.pk},{b.pk},{c.pk}")
    page = desk.post(url, stale, follow=True).content.decode()
    assert "Uw woorden zijn bewaard." in page
    assert "intussen veranderd" in page
    question.refresh_from_db()
    assert question.text["nl"] == "Wilt u straks?"
    assert list(question.options.all()) == [b, c, a]


def test_answer_a_colleague_added_keeps_its_words(desk, survey):
    """The form of the other colleague doesn't know it, and sends nothing for it."""
    question = question_of(survey, "Wilt u")
    url = page_of(question)
    before = filled_in(desk, url)
    added = Option.objects.create(question=question, order=9, label={"nl": "Straks"})
    desk.post(url, before)
    added.refresh_from_db()
    assert added.label == {"nl": "Straks"}


@pytest.mark.parametrize("verb", ["sideways", "up'"])
def test_unknown_verb_is_not_found(desk, survey, verb):
    question = question_of(survey, "Wilt u")
    url = f"/desk/surveys/{survey.pk}/questions/{question.pk}/{verb}/"
    assert desk.post(url).status_code == 404


def test_preview_is_the_page_of_the_runner(desk, survey):
    question = question_of(survey, "Wat moet er")
    url = reverse("survey_preview", args=[survey.pk, question.pk])
    page = desk.get(f"{url}?language=en").content.decode()
    assert "Question 2 of 4" in page
    assert "What should come first" in page
    assert "Vraag 2 van 4" in desk.get(url).content.decode()


def test_signs_at_what_is_missing(desk, survey):
    question = question_of(survey, "Wat moet er")
    Question.objects.filter(pk=question.pk).update(purpose={"nl": "Daarom."}, stale=["text.en"])
    page = squeezed(desk.get(page_of(question)).content.decode())
    assert "ontbreekt in het Engels" in page
    assert "veranderd na de vertaling" in page
    assert "Er ontbreekt niets" not in page
    assert re.search(r'lang="en"[^>]*>English<span class="open-sign"', page)


def test_a_page_where_all_is_there_says_what_is_missing_elsewhere(desk, survey):
    Survey.objects.filter(pk=survey.pk).update(erase_on=None)
    page = desk.get(reverse("survey_card", args=[survey.pk])).content.decode()
    assert "Op een andere pagina ontbreekt één ding." in page
    assert "Er ontbreekt niets" not in page


def test_closed_survey_is_only_read(desk, area, editor, backer):
    survey = make_open(areas=[area], by=editor, backer=backer)
    close_survey(survey=survey, by=editor)
    edit = desk.get(reverse("survey_edit", args=[survey.pk]))
    assert edit.url == reverse("survey_version", args=[survey.pk, 1])
    assert "Wat moet er in Harbour" in desk.get(edit.url).content.decode()
    settings = desk.get(reverse("survey_settings", args=[survey.pk])).content.decode()
    assert "kunt u alleen lezen" in settings


# --- who may ----------------------------------------------------------------------------------

READ = ["survey_opening", "survey_channels", "survey_settings", "survey_card", "survey_keeping"]
WRITE = ["survey_settings", "survey_card", "survey_keeping", "survey_layer_add", "survey_ask"]


def test_stranger_finds_nothing(stranger, survey):
    client = signed_in(stranger)
    for name in (*READ, *WRITE, "survey_edit", "survey_results"):
        url = reverse(name, args=[survey.pk])
        method = client.post if name in ("survey_layer_add", "survey_ask") else client.get
        assert method(url).status_code == 404, name


def test_viewer_reads_and_does_not_write(viewer, survey):
    client = signed_in(viewer)
    for name in READ:
        assert client.get(reverse(name, args=[survey.pk])).status_code == 200, name
    for name in WRITE:
        assert client.post(reverse(name, args=[survey.pk])).status_code == 403, name
    assert client.post(reverse("survey_channels", args=[survey.pk]), {"name": "x"}).status_code == 403


def test_editor_of_one_of_two_areas_may_look(area, next_area, administrator):
    survey = make_draft(areas=[area, next_area], by=administrator)
    half = make_user(Role.EDITOR, area)
    client = signed_in(half)
    assert client.get(reverse("survey_opening", args=[survey.pk])).status_code == 200
    assert client.post(reverse("survey_layer_add", args=[survey.pk])).status_code == 403
    make_membership(half, Role.EDITOR, next_area)
    assert client.post(reverse("survey_layer_add", args=[survey.pk])).status_code == 302


def test_question_of_another_survey_is_not_found(desk, survey, area, editor):
    other = make_draft(areas=[area], by=editor, plan="meeting")
    stray = question_of(other, "Hoe vaak")
    assert desk.get(reverse("survey_question", args=[survey.pk, stray.pk])).status_code == 404


# --- ways in ----------------------------------------------------------------------------------


@pytest.fixture
def open_one(area, editor, backer) -> Survey:
    return make_open(areas=[area], by=editor, backer=backer)


def test_way_in_is_added(desk, open_one, area):
    url = reverse("survey_channels", args=[open_one.pk])
    data = {"kind": "poster", "name": "Poster", "code": "Haven", "area": area.pk}
    assert desk.post(url, data).status_code == 302
    assert Channel.objects.get(code="haven").area == area


@pytest.mark.parametrize("code", ["ab", "with space", "a/b", "ünï", "harbour", "HARBOUR"])
def test_short_address_is_refused(desk, open_one, code):
    url = reverse("survey_channels", args=[open_one.pk])
    page = desk.post(url, {"kind": "poster", "name": "Poster", "code": code})
    assert page.status_code == 422
    assert open_one.channels.count() == 1


def test_qr_and_poster(desk, open_one):
    channel = open_one.channels.get()
    svg = desk.get(reverse("survey_qr", args=[open_one.pk, channel.pk, "svg"]))
    png = desk.get(reverse("survey_qr", args=[open_one.pk, channel.pk, "png"]))
    assert (svg["Content-Type"], svg.content[:4]) == ("image/svg+xml", b"<svg")
    assert (png["Content-Type"], png.content[1:4]) == ("image/png", b"PNG")
    assert desk.get(reverse("survey_qr", args=[open_one.pk, channel.pk, "exe"])).status_code == 404
    poster = desk.get(reverse("survey_poster", args=[open_one.pk, channel.pk])).content.decode()
    assert "Vóór" in poster
    assert "harbour" in poster


# --- queries ----------------------------------------------------------------------------------


def test_builder_takes_the_same_queries_for_a_larger_survey(desk, area, editor):
    small = make_draft(areas=[area], by=editor, plan="meeting")
    large = make_draft(areas=[area], by=editor)
    counts = []
    for survey, words in ((small, "Hoe vaak"), (large, "Hoe is")):
        url = page_of(question_of(survey, words))
        desk.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get(url).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 26


def test_a_language_that_residents_cannot_choose_is_kept_and_holds_nothing_up(area, editor, settings):
    survey = make_draft(areas=[area], by=editor)
    Survey.objects.filter(pk=survey.pk).update(
        languages=["nl", "ar", "en"], title={"nl": "Wat nu?", "ar": "ماذا؟", "en": "What now?"}
    )
    survey = Survey.objects.with_draft().get(pk=survey.pk)
    page = (
        signed_in(editor)
        .get(reverse("survey_settings", args=[survey.pk]), {"language": "ar"})
        .content.decode()
    )
    assert "العربيّة (nu niet aangeboden)" in page and "ماذا؟" in page
    assert freeze(survey)["languages"] == ["nl", "en"]
    assert not [lack for lack in open_remarks(survey) if lack.language == "ar"]
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "Arabic")]
    assert freeze(survey)["languages"] == ["nl", "ar", "en"]
    assert [lack for lack in open_remarks(survey) if lack.language == "ar"]


def test_a_new_survey_offers_what_residents_can_choose(area, desk):
    make_municipality(languages=["nl", "ar", "en"])
    form = desk.get(reverse("survey_new")).context["form"]
    assert [code for code, _name in form.fields["languages"].choices] == ["nl", "en"]
