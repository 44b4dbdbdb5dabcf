"""The pages on which an author begins, keeps, uses again and weighs: whole at 320 px, and nothing for axe to find."""

import os

import pytest
from django.urls import reverse

from surveys.builder.services import library_items
from surveys.models import FormFile
from tests.browser.looking import sticks_out, too_small_to_tap, violations
from tests.browser.test_staff_pages import signed_in_page
from tests.surveys.drafts import make_draft, question_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def addresses(area, editor) -> list[str]:
    survey = make_draft(areas=[area], by=editor)
    question = question_of(survey, "Kent u")
    question.text = {"nl": "Bent u het eens met de leefbaarheid?", "en": "Do you agree with it?"}
    question.save()
    library_items.keep_in_library(
        source=survey, name="Oosterhaven 2027", about="Voor een volgende ronde.", by=editor
    )
    kept = library_items.keep_in_library(source=question, name="Buren", by=editor)
    line = {
        "code": "condition",
        "sheet": "survey",
        "row": 12,
        "column": "relevant",
        "found": "regex(${a}, '[a-z]+')",
    }
    FormFile.objects.create(survey=survey, name="buurtonderzoek.xlsx", report=[line], by=editor)
    layer = survey.layers.get(is_first=True)
    return [
        reverse("survey_new"),
        reverse("survey_from_form"),
        reverse("library"),
        reverse("library_item", args=[f"own-{kept.pk}"]),
        reverse("library_item", args=["safety"]),
        reverse("survey_library", args=[survey.pk]),
        reverse("survey_library", args=[survey.pk]) + f"?layer={layer.pk}&q=buren",
        reverse("survey_keep", args=[survey.pk]),
        reverse("survey_reuse", args=[survey.pk]),
        reverse("survey_remarks", args=[survey.pk]),
    ]


def test_pages_are_whole_and_accessible(live_server, new_context, editor, addresses):
    found = []
    for width in (320, 1280):
        page = signed_in_page(new_context(), live_server.url, editor, width)
        for number, address in enumerate(addresses):
            page.goto(live_server.url + address)
            if folder := os.environ.get("PICTURES"):
                page.screenshot(path=f"{folder}/{number}-{width}.png", full_page=True)
            wrong = sticks_out(page) + (violations(page) if width == 320 else [])
            wrong += too_small_to_tap(page) if width == 320 else []
            found += [f"{width} {address}: {each}" for each in wrong]
        page.context.close()
    assert not found, "\n".join(found)
