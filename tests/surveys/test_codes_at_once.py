"""Two taps with the code of one letter, in every order: one participation, and the other is told so in a sentence."""

from itertools import count

import pytest

from surveys.answering.services.beginning import CodeRefused, begin_with_ticket, letter_hash, spend_code
from surveys.models import AccessCode, Channel, Response
from tests.at_once import every_meeting
from tests.surveys.polls import make_survey

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]
CODE = "4K7PM2QX"


@pytest.mark.parametrize("same_page", [True, False], ids=["double tap", "two housemates"])
def test_one_code_begins_one_participation(area, editor, same_page):
    survey = make_survey(areas=[area], owner=editor)
    number, channels = count(), []

    def make():
        channel = Channel.objects.create(
            survey=survey, kind="letter", invited=True, name="Letters", code=f"brief{next(number)}"
        )
        AccessCode.objects.create(channel=channel, code_hash=letter_hash(channel, CODE))
        channels.append(channel)

        def tap(page: str):
            ticket = spend_code(channel=channel, typed=CODE, page=page)
            return begin_with_ticket(channel=channel, ticket=ticket, language="nl", respondent="resident")

        return lambda: tap("p" * 20), lambda: tap(("p" if same_page else "q") * 20)

    for met in every_meeting(make):
        assert Response.objects.filter(channel=channels[-1]).count() == 1
        assert all(isinstance(error, CodeRefused) for error in met.errors.values()), met.errors
        assert len(met.errors) == (0 if same_page else 1)
