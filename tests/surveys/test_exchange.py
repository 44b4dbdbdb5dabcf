"""A form file becomes a draft with a report, or a page with the reason; a survey becomes a form file."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Event
from surveys.builder.services.publish import publish_survey
from surveys.exchange.services import FormRefused, report_of, start_from_form
from surveys.exchange.xlsform.book import open_book
from surveys.models import Survey
from tests.neighbourhoods.real import SHARED
from tests.people import signed_in
from tests.surveys.drafts import make_draft
from tests.surveys.forms import workbook

FORMS = (SHARED or Path("shared")) / "forms"
HEAD = ["type", "name", "label::Nederlands (nl)", "label::English (en)", "required"]
FORM = workbook(
    survey=[
        HEAD,
        ["select_one yn", "a", "Komt u vaak?", "Often here?", "yes"],
        ["image", "b", "Foto", "Photo"],
    ],
    choices=[["list_name", "name", "label"], ["yn", "1", "Ja"], ["yn", "2", "Nee"]],
)
pytestmark = pytest.mark.django_db


def send(client, content: bytes, area, name: str = "buurt.xlsx"):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("survey_from_form"), {"file": file, "language": "nl", "areas": [area.pk]})


def test_file_becomes_a_draft_with_a_report(area, editor):
    client = signed_in(editor)
    response = send(client, FORM, area)
    survey = Survey.objects.get()
    assert response.url == reverse("survey_reuse", args=[survey.pk])
    assert survey.title == {"nl": "buurt"}
    assert survey.languages == ["nl", "en"]
    places = [line.place for line in report_of(survey.form_file)]
    assert places == ["blad survey, rij 2, kolom required", "blad survey, rij 3, kolom type"]
    page = client.get(response.url).content.decode()
    assert "Hier is niets verplicht" in page
    assert Event.objects.about(survey).filter(verb="started_from_form").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "leeg"),
        (b"naam;vraag", "geen rekenblad"),
        (workbook(Blad1=[["a"]]), "geen blad “survey”"),
        (workbook(survey=[HEAD, ["calculate", "a", "Som"]]), "wordt niets uitgerekend"),
    ],
)
def test_file_that_can_not_be_used_says_why(area, editor, content, said):
    response = send(signed_in(editor), content, area)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Survey.objects.exists()


def test_draft_and_version_as_a_form(area, editor):
    survey = make_draft(areas=[area], by=editor)
    publish_survey(survey=survey, by=editor)
    url = reverse("survey_as_form", args=[survey.pk])
    for address in (url, f"{url}?version=1"):
        sheets = open_book(signed_in(editor).get(address).content).sheets
        assert {"survey", "choices", "settings", "nabij"} <= set(sheets)
        assert any(row.cells[0].startswith("select_one") for row in sheets["survey"])
    assert signed_in(editor).get(f"{url}?version=7").status_code == 404


@pytest.mark.skipif(not FORMS.exists(), reason="Needs the real forms, which are not shipped.")
@pytest.mark.parametrize(
    ("name", "questions"),
    [
        ("choice_filter_test.xlsx", 3),
        ("group.xlsx", 3),
        ("or_other.xlsx", 2),
        ("widgets.xls", 27),
        ("xlsform_spec_test.xlsx", 22),
        ("bad_calc.xlsx", 0),
    ],
)
def test_real_forms_pass_or_say_why_not(area, editor, name, questions):
    content = (FORMS / f"pyxform_{name}").read_bytes()
    if not questions:
        with pytest.raises(FormRefused) as refused:
            start_from_form(content=content, name=name, areas=[area], languages=["en", "nl"], by=editor)
        assert [line.sentence for line in refused.value.lines] == [
            "Hier wordt niets uitgerekend. Weggelaten."
        ]
        return
    survey = start_from_form(content=content, name=name, areas=[area], languages=["en", "nl"], by=editor)
    assert sum(layer.questions.count() for layer in survey.layers.all()) == questions
    assert report_of(survey.form_file)
    assert signed_in(editor).get(reverse("survey_reuse", args=[survey.pk])).status_code == 200
    assert signed_in(editor).get(reverse("survey_edit", args=[survey.pk]), follow=True).status_code == 200
