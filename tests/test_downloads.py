"""Tables to take along: what stands above a column is in the language of who asks."""

import csv
import io

import openpyxl
import pytest
from django.urls import reverse

from tests.people import signed_in

pytestmark = pytest.mark.django_db

# name -> what stands above the first columns in Dutch and in English
HEADS = {
    "initiatives_csv": (
        ["Naam", "Wanneer, waar, voor wie", "Thema"],
        ["Name", "When, where, for whom", "Theme"],
    ),
    "areas_compare_csv": (["Naam", "Ligt in"], ["Name", "Lies in"]),
    "areas_compare_xlsx": (["Naam", "Ligt in"], ["Name", "Lies in"]),
    "events_download": (["Wanneer", "Wie", "Wat", "Waarover"], ["When", "Who", "What", "About"]),
}


def head_of(answer) -> list[str]:
    content = answer.getvalue()
    if content.startswith(b"PK"):
        return [str(cell.value) for cell in openpyxl.load_workbook(io.BytesIO(content)).active[1]]
    return next(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("place", [0, 1], ids=["nl", "en"])
def test_heads_are_in_the_language_of_who_asks(name, place, area, administrator):
    answer = signed_in(administrator).get(reverse(name), headers={"Accept-Language": ["nl", "en"][place]})
    wanted = HEADS[name][place]
    assert head_of(answer)[: len(wanted)] == wanted
