"""A round: everybody who waits and every open role looked at together, before anything is sent.

One can cook and shop, another can only cook. Who takes the best pair first gives the kitchen to the first and leaves
the second with nothing; the round gives each of them something. One proposal waits, because the desk wants to call.
"""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Contact
from feedback.delivery.services import guards
from feedback.models import Heartbeat
from initiatives.models import Match, Offer
from initiatives.states import OfferState
from neighbourhoods.models import Area
from tests.browser.hands import Keyboard, Thumb
from tests.browser.test_brought_together import Together, link_in, mails_to, sink  # noqa: F401
from tests.initiatives.factories import make_begun, make_offer, make_role
from tests.people import make_municipality

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

COOKS_AND_SHOPS, COOKS, BUILDS_SITES = "first@example.nl", "second@example.nl", "third@example.nl"
EVENINGS, MORNINGS = ["2e"], ["4m"]


def offer_of(area: Area, coordinator, email: str, **fields) -> Offer:
    offer = make_offer(area, owner=coordinator, state=OfferState.CONTACTED, **fields)
    Contact.objects.filter(receipt=offer.receipt).update(email=email, confirmed_at=timezone.now())
    return offer


@pytest.fixture
def waiting(area, coordinator, settings) -> dict[str, int]:
    """Who waits, and the role that the round finds for each of them."""
    settings.ZEAL_NPLUSONE_THRESHOLD = (
        50  # each proposal of a round is a transaction of its own, which asks the same
    )
    make_municipality(phone="14 099")
    guards.outbox_may_send()
    Heartbeat.objects.create(name="jobs")
    initiative = make_begun(area, owner=coordinator, name="Samen eten")
    kitchen = make_role(initiative, name="Koken", skills=["cook"], moments=EVENINGS)
    shopping = make_role(initiative, name="Boodschappen", skills=["drive"], moments=MORNINGS)
    site = make_role(initiative, name="Website", skills=["digital"], moments=["6a"])
    offer_of(area, coordinator, COOKS_AND_SHOPS, skills=["cook", "drive"], moments=EVENINGS + MORNINGS)
    offer_of(area, coordinator, COOKS, skills=["cook", "connect"], moments=EVENINGS)
    offer_of(area, coordinator, BUILDS_SITES, skills=["digital"], moments=["6a"])
    return {COOKS_AND_SHOPS: shopping.pk, COOKS: kitchen.pk, BUILDS_SITES: site.pk}


def ask_before_plan(story: Together) -> None:
    """From the day to the plan, and who gains by it."""
    story.visit(story.hand, reverse("hands"), "day")
    story.go("link", "Plan a round")
    story.look("plan")
    expect(story.page.locator("ol.nabij-fits > li")).to_have_count(3)
    gains = story.page.locator("section[aria-labelledby=gains]")
    expect(gains.get_by_role("cell", name=story.say("nothing"), exact=True)).to_have_count(1)


@pytest.mark.parametrize(
    ("kind", "language", "width"), [(Keyboard, "nl", 1280), (Thumb, "en", 360)], ids=["desk-nl", "phone-en"]
)
def test_a_round(new_context, live_server, sink, coordinator, waiting, kind, language, width):  # noqa: F811
    story = Together(new_context, live_server.url, kind, language, width)
    story.sign_in(story.hand, coordinator)
    ask_before_plan(story)
    assert not Match.objects.exists() and not mails_to(sink, "example.nl"), "looking sends nothing"

    later = Offer.objects.get(receipt__contact__email=BUILDS_SITES)
    box = story.page.locator(f"[name=pair][value='{later.pk}-{waiting[BUILDS_SITES]}']")
    expect(box).to_be_checked()
    story.hand.untick(box)
    story.go("button", "Propose what is ticked")
    story.look("proposed")
    told = story.plural("%(n)d person is asked.", "%(n)d people are asked.", 2)
    expect(story.page.get_by_text(told)).to_be_visible()
    expect(story.page.locator("ol.nabij-fits > li")).to_have_count(1)

    proposed = Match.objects.values_list("offer__receipt__contact__email", "role_id")
    assert dict(proposed) == {one: waiting[one] for one in (COOKS_AND_SHOPS, COOKS)}
    for address in (COOKS_AND_SHOPS, COOKS):
        (mail,) = mails_to(sink, address)
        volunteer = story.begin(scripts=False)
        story.visit(volunteer, link_in(mail, "v/m/"), f"asked-{address.partition('@')[0]}")
        volunteer.follow("button", story.say("Yes, this suits me"))
        story.look(f"yes-{address.partition('@')[0]}", volunteer)
        volunteer.page.context.close()
    assert not mails_to(sink, BUILDS_SITES), "who was not ticked is not asked"
    assert not Match.objects.filter(volunteer_yes_at=None).exists()
    assert not story.wrong, story.wrong
