"""Signs for machines and turned words in the texts of a survey: every file of it can still be made."""

import pytest
from django.test import Client

from core.paper import PrintContent, PrintTexts
from surveys.invitations.services import post
from surveys.models import SurveyVersion
from surveys.printing.sheets import PrintedLetter, letters_pdf
from surveys.results.services.outcome import publish_page
from tests.people import make_municipality, signed_in
from tests.surveys.paper import make
from tests.surveys.test_outcome import make_told

SIGNS = "\x0b\x1b\x07A\u202eB\u2066C\ufeff\ufffe\x9b =1 #let $y [z] \\ ` * _"
LIST = f"naam;straat;huisnummer;postcode;plaats\n{SIGNS};Kade\ufeff;1;1234AB;Wa\x07terdam\n"


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1f", "\x7f", "\x9b", "\ufeff", "\ufffe", "\uffff"])
def test_a_letter_is_set_without_it(sign):
    """Before: one byte order mark in an address, and a whole run of letters could not be made."""
    said = dict.fromkeys(PrintTexts.__annotations__, f"a{sign}b") | {"rtl": False, "lines": [f"a{sign}b"]}
    sheet = PrintContent(PrintTexts(**said | {"language": "nl"}), "http://x", "x")
    assert letters_pdf(sheet, [PrintedLetter([f"a{sign}b"], "", "http://x")]).startswith(b"%PDF")


def spoiled(value):
    if isinstance(value, dict):
        return {
            key: SIGNS if key in ("nl", "en") and isinstance(part, str) else spoiled(part)
            for key, part in value.items()
        }
    return [spoiled(part) for part in value] if isinstance(value, list) else value


@pytest.mark.django_db
def test_files_of_a_survey(area, editor):
    make_municipality(phone="14 099")
    survey = make_told(area, editor)
    publish_page(survey=survey, words={"nl": SIGNS}, by=editor)
    document = spoiled(survey.current.document)
    SurveyVersion.objects.filter(pk=survey.current_id).update(document=document, digest="f" * 64)
    survey.title = survey.lead = {"nl": SIGNS, "en": SIGNS}
    survey.save()
    survey.refresh_from_db()
    way, run = survey.channels.first(), make(survey)
    found = post.create_letter_run(
        survey=survey, name="Brieven", content=LIST.encode(), area=None, window="left", with_reminder=False,
        by=editor,
    )  # fmt: skip
    post.start_making(run=found, by=editor)
    post.run_letter_jobs()
    found.refresh_from_db()
    assert found.state == "made", found.trouble
    for page in ("results.csv", "results.xlsx"):
        assert Client().get(f"/p/{way.code}/{page}").status_code == 200, page
    desk = f"/desk/surveys/{survey.pk}"
    pages = ("form.xlsx", f"ways/{way.pk}/poster-a3.pdf", f"paper/runs/{run.pk}/example.pdf", "results/")
    for page in pages:
        assert signed_in(editor).get(f"{desk}/{page}").status_code == 200, page
