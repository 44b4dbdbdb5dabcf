"""Subjects of mails about joining in, and how long their links open something."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.links import TYPED_MARK, TYPED_SECONDS, LinkPurpose, open_link, sign_link, typed_link_key
from initiatives.matching.match_panels import your_matches
from initiatives.matching.services import match_contents
from initiatives.models import Match
from initiatives.offers.services import offer_mail
from initiatives.states import MatchState, OfferState
from tests.initiatives.factories import make_begun, make_match, make_offer, make_role

pytestmark = pytest.mark.django_db
SECRET = "Rouwgroep Annex"
TERM = 30


@pytest.fixture
def match(area, coordinator):
    initiative = make_begun(area, owner=coordinator, name=SECRET)
    offer = make_offer(area, owner=coordinator, words=SECRET, closed_reason="", skills=["cook"])
    return make_match(offer, make_role(initiative, name=f"Gastvrouw {SECRET}"))


# --- subjects ---------------------------------------------------------------------------------

WRITERS = [
    *((name, write) for name, write in match_contents.VOLUNTEER_CONTENTS.items()),
    *((f"{name} there", write) for name, write in match_contents.INITIATIVE_CONTENTS.items()),
]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("what", "write"), WRITERS, ids=[name for name, _write in WRITERS])
def test_a_subject_says_nothing_about_what_it_is(what, write, language, match):
    """It is read over shoulders and on locked screens: neither the initiative, nor the role, nor where."""
    match.offer.skills = ["cook"]
    with override(language):
        shared = {"url": "https://x.example/v/m/t/", "municipality": "Waterdam", "signed_as": ""}
        name, role = match.role.initiative.name[language], match.role.name[language]
        contents = write(match, name, role, shared)
    hidden = [SECRET, "Gastvrouw", match.offer.area.name, "Koken", "cook", match.offer.what]
    assert contents.subject and not [word for word in hidden if word and word in contents.subject]
    assert SECRET in f"{contents.lead} {contents.pairs}" or what in (
        "off there",
        "asked there",
        "again there",
    )


def test_subjects_of_an_offer_do_not_repeat_it(area, coordinator):
    offer = make_offer(area, owner=coordinator, words=SECRET, state=OfferState.CLOSED, closed_reason=SECRET)
    for contents in (
        offer_mail._closed_contents(offer),
        offer_mail._not_now_contents(offer),
        offer_mail._break(offer),
    ):
        assert SECRET not in contents.subject


# --- what opens how long ----------------------------------------------------------------------


def opened(match, receipt=None) -> int:
    url = reverse("match", args=[sign_link(receipt or match.offer.receipt, LinkPurpose.MATCH, str(match.pk))])
    return Client().get(url).status_code


OVER = (MatchState.DECLINED, MatchState.EXPIRED, MatchState.ENDED)


@pytest.mark.parametrize("days", [0, TERM, TERM + 1, 400])
@pytest.mark.parametrize("state", sorted(MatchState))
def test_a_link_opens_a_match_until_some_time_after_its_end(state, days, area, coordinator):
    match = make_match(
        make_offer(area, owner=coordinator), make_role(make_begun(area, owner=coordinator)), state=state
    )
    Match.objects.filter(pk=match.pk).update(state_at=timezone.now() - timedelta(days=days))
    closed = state in OVER and days > TERM
    for receipt in (match.offer.receipt, match.role.initiative.receipt):
        assert opened(match, receipt) == (410 if closed else 200)


def test_behind_a_link_that_closed_stands_the_way_on_and_nothing_of_the_match(match):
    Match.objects.filter(pk=match.pk).update(
        state=MatchState.EXPIRED, state_at=timezone.now() - timedelta(days=TERM + 1), step="", step_on=None
    )
    url = reverse("match", args=[sign_link(match.offer.receipt, LinkPurpose.MATCH, str(match.pk))])
    for response in (
        Client().get(url),
        Client().post(url, {"action": "yes"}),
        Client().get(f"{url}nabij.ics"),
    ):
        page = response.content.decode()
        assert response.status_code == 410 and SECRET not in page
        assert reverse("private_code") in page and reverse("private_lost") in page
    match.refresh_from_db()
    assert match.state == MatchState.EXPIRED
    (row,) = your_matches(match.offer.receipt).context["rows"]
    assert row["url"] == "", "on their own page it is read, without a way in"


def test_a_match_on_a_page_that_was_typed_closes_with_it(match):
    """Perhaps on a phone of somebody else."""
    url = your_matches(match.offer.receipt).context["rows"][0]["url"]
    assert Client().get(url).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=TYPED_SECONDS + 60)):
        assert Client().get(url).status_code == 404
        assert opened(match) == 200, "that of the mail still opens"


def test_a_typed_key_names_the_same_thing(match):
    receipt = match.offer.receipt
    assert open_link(sign_link(receipt, LinkPurpose.MATCH, typed_link_key("12")), LinkPurpose.MATCH) == (
        receipt,
        "12",
    )
    assert open_link(sign_link(receipt, LinkPurpose.PAGE, TYPED_MARK), LinkPurpose.PAGE) == (
        receipt,
        TYPED_MARK,
    )
