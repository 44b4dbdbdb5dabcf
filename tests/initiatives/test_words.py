"""Whatever residents write goes one way: masked for colleagues, read before others see it, and danger first."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Event
from initiatives.initiatives.services import telling
from initiatives.initiatives.services.beginning import Idea, submit_idea
from initiatives.initiatives.services.telling import MeetingDetails
from initiatives.matching.services import suggesting
from initiatives.matching.skills import skills_in
from initiatives.models import Meeting, NeedLink, Offer, Picture, Update
from initiatives.offers.services import offer_care, offers
from initiatives.offers.services.offers import SavedAnswers
from initiatives.states import InitiativeState, LinkKind
from tests.feedback.factories import make_topic, today
from tests.initiatives.factories import (
    make_gift,
    make_idea,
    make_match,
    make_meeting,
    make_need,
    make_offer,
    make_role,
    photo,
)
from tests.initiatives.test_begin import at_desk, posted
from tests.people import make_municipality, make_theme, signed_in

pytestmark = pytest.mark.django_db
NUMBER, ADDRESS = "06 12 34 98 76", "fatma@example.org"
WORDS = f"Bel mij op {NUMBER} of mail {ADDRESS}, ik kook graag."
DANGER = "Mijn buurman bedreigt mij met een mes."


def said_in(page: str) -> list[str]:
    """Which of the two stand on a page, however they are cut up."""
    return [one for one in (NUMBER, ADDRESS) if one in page or one.replace(" ", "") in page.replace(" ", "")]


@pytest.fixture
def soup(area, coordinator):
    return make_idea(area, owner=coordinator, state=InitiativeState.RUNNING, name="Soep op dinsdag")


# --- what colleagues read ---------------------------------------------------------------------


def on_the_desk(area, coordinator, soup) -> dict[str, str]:
    """Every page on which words of residents stand that no colleague read yet."""
    offer = make_offer(area, owner=coordinator, words=WORDS, skills=[], may_be_danger=True)
    gift = make_gift(area, owner=coordinator, words=WORDS, conditions=WORDS, party_name=f"Fatma {NUMBER}")
    need = make_need(make_topic(area=area), theme=soup.theme)
    linked = make_gift(area, owner=coordinator, words=WORDS, theme=soup.theme)
    NeedLink.objects.create(need=need, kind=LinkKind.OFFER, offer=linked)
    role = make_role(soup)
    make_match(offer, role)
    update = Update.objects.create(initiative=soup, text={"nl": WORDS})
    meeting = make_meeting(soup, is_read=False, where=NUMBER, about={"nl": WORDS})
    return {
        "hands": reverse("hands"),
        "hand": reverse("hand", args=[offer.pk]),
        "hand of a party": reverse("hand", args=[gift.pk]),
        "need": reverse("need", args=[need.pk]),
        "role": reverse("role", args=[role.pk]),
        "initiative": reverse("initiative", args=[soup.pk]),
        "update_change": reverse("update_change", args=[soup.pk, update.pk]),
        "meeting_change": reverse("meeting_change", args=[soup.pk, meeting.pk]),
    }


def test_on_no_page_of_the_desk_stands_an_address_or_a_number(area, coordinator, soup):
    client = signed_in(coordinator)
    for name, url in on_the_desk(area, coordinator, soup).items():
        page = client.get(url)
        assert page.status_code == 200 and not said_in(page.content.decode()), name


def test_who_gets_in_touch_reads_what_they_wrote_and_that_is_kept(area, coordinator):
    offer = make_offer(area, owner=coordinator, words=WORDS)
    client = signed_in(coordinator)
    before = client.get(reverse("hand", args=[offer.pk])).content.decode()
    assert "ik kook graag" in before and "zijn verborgen" in before
    after = client.post(reverse("hand_contact", args=[offer.pk])).content.decode()
    assert said_in(after) == [NUMBER, ADDRESS] and "zijn verborgen" not in after
    assert Event.objects.about(offer).filter(verb="contact shown").count() == 1


def test_a_party_on_the_list_has_no_number_in_its_name(area, coordinator):
    offer = make_gift(area, owner=coordinator, party_name=f"Fatma {NUMBER}")
    offer = offer_care.link_party(offer=offer, party=None, by=coordinator)
    assert not said_in(offer.party.name) and offer.party.name.startswith("Fatma")


@pytest.mark.parametrize("words", [f"Bel {NUMBER}", f"Mail {ADDRESS}"])
def test_the_motive_of_who_begins_is_kept_without_address_or_number(words, area, coordinator):
    page = signed_in(coordinator).post(
        reverse("initiative_begin"), at_desk(area, make_theme(), motive_nl=words)
    )
    assert page.status_code == 422 and "motive_nl" in page.context["form"].errors
    assert words in page.content.decode(), "what was typed stays"


# --- danger -----------------------------------------------------------------------------------


def offered(area, **changes) -> Client:
    """Somebody offers on the page of the neighbourhood."""
    data = {
        "kind": "space", "party_kind": "residents", "party_name": "Wij", "email": "", "phone": "0612345678",
        "address": "Kade 1", "consent": "on", "is_16_or_older": "on", "submit_key": "k" * 32,
    } | changes  # fmt: skip
    client = Client()
    sent = client.post(f"{reverse('offer_new', args=[area.slug])}?give=gift", data)
    assert sent.status_code == 302, sent.context["form"].errors
    client.page = client.get(sent.url).content.decode()
    return client


@pytest.mark.parametrize(("words", "first"), [(DANGER, True), ("Een zaal met een keuken.", False)])
def test_what_may_mean_danger_is_read_first_and_its_writer_reads_whom_to_call(
    words, first, area, coordinator
):
    make_municipality(danger_text={"nl": "Bent u in gevaar? Bel 112."})
    client = offered(area, words=words)
    assert ("Bel 112" in client.page) is first
    offer = Offer.objects.get()
    assert offer.may_be_danger is first
    desk = signed_in(coordinator)
    assert ("Lees deze eerst" in desk.get(reverse("hands")).content.decode()) is first
    page = desk.get(reverse("hand", args=[offer.pk])).content.decode()
    assert ("Kijk twee keer" in page or "Ik las het" in page) is first


def test_once_read_it_stands_no_longer_first(area, coordinator):
    offer = make_offer(area, owner=coordinator, words=DANGER, may_be_danger=True)
    client = signed_in(coordinator)
    for _twice in range(2):
        assert client.post(reverse("hand_read", args=[offer.pk])).status_code == 302
    assert not Offer.objects.unread_danger().exists()
    assert Event.objects.about(offer).filter(verb="read").count() == 1


@pytest.mark.parametrize(("was", "becomes", "first"), [
    ("Ik kook.", DANGER, True),
    (DANGER, DANGER, False),  # read already, and not changed
    (DANGER, "Ik kook.", False),
])  # fmt: skip
def test_words_that_change_are_looked_through_anew(was, becomes, first, area, coordinator):
    offer = make_offer(area, owner=coordinator, words=was)
    offers.confirm_offer(offer=offer, answers=SavedAnswers(words=becomes))
    assert offer.may_be_danger is first


def test_words_mended_by_the_back_button_are_looked_through_too(area, coordinator):
    offered(area, words="Een zaal.")
    assert not Offer.objects.get().may_be_danger
    offered(area, words=DANGER)
    assert Offer.objects.get().may_be_danger


def test_a_step_taken_is_having_read_it(area, coordinator):
    offer = make_offer(area, owner=coordinator, words=DANGER, may_be_danger=True)
    offer_care.record_offer_step(offer=offer, to="contacted", by=coordinator)
    assert not offer.may_be_danger


def test_what_who_began_sends_is_read_today_when_it_may_mean_danger(area, soup):
    Update.objects.all().delete()
    soup.refresh_from_db()
    telling.send_update(initiative=soup, text=DANGER, language="nl")
    soup.refresh_from_db()
    assert soup.next_action_on == today()


def test_an_idea_that_may_mean_danger_is_due_today(area, coordinator):
    begun, _code = submit_idea(
        idea=Idea(why=DANGER, what="Soep"), theme=make_theme(), area=area, language="nl",
        sent_key=posted(make_theme())["sent_key"],
    )  # fmt: skip
    assert begun.next_action_on == today()
    assert begun.receipt.owed.first().due_on > today(), "what was promised stays"


# --- what everybody reads ---------------------------------------------------------------------

DIGITS = st.text("0123456789", min_size=8, max_size=8)
NUMBERS = st.builds(
    lambda digits, sep: f"06{sep}{sep.join(re.findall('..', digits))}",
    DIGITS,
    st.sampled_from(["", " ", "-"]),
)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12)
ADDRESSES = st.builds(lambda name, host: f"{name}@{host}.nl", NAMES, NAMES)
AROUND = st.sampled_from(["Bel {}.", "Wij zijn er weer! Mail {} of kom langs.", "{}", "Tel: {}, tot dan"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentence=AROUND, hidden=st.one_of(NUMBERS, ADDRESSES))
def test_no_address_or_number_of_a_resident_ever_stands_on_a_public_page(
    sentence, hidden, area, coordinator, soup
):
    """Also when the colleague who reads it just presses on."""
    for rows in (Update, Meeting, Picture):
        rows.objects.filter(initiative=soup).delete()
    words = sentence.format(hidden)
    starts = timezone.localtime() + timedelta(days=5)
    update = telling.send_update(initiative=soup, text=words, language="nl")
    about = {"nl": words}
    meetings = [
        telling.send_meeting(
            initiative=soup, when=MeetingDetails(starts + timedelta(hours=n), 60, words, about)
        )
        for n in range(2)
    ]
    picture = telling.set_picture(initiative=soup, sent=photo(), alt=about, by=None)
    # Read and shown, as a colleague does without changing a word.
    telling.change_update(update=update, text=update.text, by=coordinator)
    telling.show_meeting(meeting=meetings[0], by=coordinator)
    as_sent = MeetingDetails(meetings[1].starts_at, 60, words, about)
    telling.change_meeting(meeting=meetings[1], when=as_sent, by=coordinator)
    telling.show_picture(initiative=soup, seen=picture.digest, by=coordinator)
    for name in ("initiative_public", "initiative_calendar"):
        page = Client().get(reverse(name, args=[area.slug, soup.pk])).content.decode()
        assert hidden not in page.replace("\r\n ", ""), (name, words)
    assert soup.updates.shown().exists() and soup.meetings.shown().count() == 2


def test_a_number_of_our_own_is_written_in_once_it_is_shown(soup, coordinator):
    update = telling.send_update(initiative=soup, text=WORDS, language="nl")
    telling.change_update(update=update, text=update.text, by=coordinator)
    telling.change_update(update=update, text={"nl": "Bel ons op 0229 123456."}, by=coordinator)
    assert update.text == {"nl": "Bel ons op 0229 123456."}


def test_who_wrote_it_reads_it_as_they_wrote_it(soup):
    from tests.initiatives.test_began import own

    telling.send_update(initiative=soup, text=WORDS, language="nl")
    assert said_in(Client().get(own(soup)).content.decode()) == [NUMBER, ADDRESS]


# --- nothing of it stays in memory ------------------------------------------------------------


def test_skills_in_words_are_remembered_without_the_words():
    told = suggesting.SkillsByTextCache()
    words = "Ik kook graag en repareer fietsen. Fatma, 0612349876"
    assert told(words) == told(words) == skills_in(words)
    assert not [one for one in (words.encode(), b"Fatma", b"0612349876") if one in repr(vars(told)).encode()]
    assert suggesting.SkillsByTextCache()._key != told._key


def test_no_more_than_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(suggesting.SkillsByTextCache, "MOST", 3)
    told = suggesting.SkillsByTextCache()
    for n in range(10):
        told(f"koken {n}")
    assert len(told._found) == 3
