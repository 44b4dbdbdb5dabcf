"""Plain factory functions: what is needed, what runs, who offers their hands, and what they could do."""

import io
from datetime import timedelta

from django.utils import timezone
from PIL import Image

from accounts.models import User
from accounts.states import ReceiptPurpose
from feedback.models import Topic
from initiatives.challenges.services import ChallengeRequest, submit_challenge
from initiatives.initiatives.pictures import redraw
from initiatives.models import (
    Challenge,
    ExpectationCard,
    Initiative,
    Match,
    Meeting,
    Need,
    NeedSource,
    NeedStep,
    Offer,
    Picture,
    Task,
    VolunteerRole,
)
from initiatives.states import (
    ACCEPTED_MATCH_STATES,
    OPEN_NEEDS,
    STANDING_MATCHES,
    Decline,
    InitiativeState,
    Involvement,
    MatchState,
    MatchStep,
    NeedState,
    OfferKind,
    OfferState,
    RoleState,
    Side,
)
from neighbourhoods.models import Area
from tests.feedback.factories import make_contact, make_receipt, make_topic, today
from tests.people import make_area, make_theme, make_user


def make_card(name: str = "card", **fields) -> ExpectationCard:
    """One that neighbours can read, unless `shown_on` is None."""
    rows = {row: {"nl": f"{row} in woorden", "en": f"{row} in words"} for row in ExpectationCard.ROWS}
    return ExpectationCard.objects.create(name=name, **{"shown_on": today()} | rows | fields)


def make_offer(
    area: Area | None = None,
    *,
    owner: User | None = None,
    due: int = 2,
    state: str = OfferState.NEW,
    **fields,
) -> Offer:
    """Somebody who can be called, with a next step in `due` days."""
    receipt = make_receipt(purpose=ReceiptPurpose.OFFER)
    make_contact(receipt, email="helper@example.nl", phone="0612345678", confirmed=False)
    closed = state == OfferState.CLOSED
    fields = {
        "way": Involvement.ONCE,
        "skills": ["cook"],
        "motives": ["meet"],
        "next_action": "" if closed else "Bellen",
        "next_action_on": None if closed else today(due),
        "closed_reason": "Verhuisd." if closed else "",
        "closed_on": today() if closed else None,
        "paused_until": today(30) if state == OfferState.PAUSED else None,
    } | fields
    is_hands = fields.get("kind", OfferKind.HANDS) == OfferKind.HANDS
    card = (ExpectationCard.objects.first() or make_card()) if is_hands else None
    return Offer.objects.create(
        receipt=receipt,
        area=area or make_area(),
        owner=owner or make_user(),
        state=state,
        **{"card": card} | fields,
    )


def make_gift(area: Area | None = None, *, kind: str = OfferKind.SPACE, **fields) -> Offer:
    """Something a party offers, without a card."""
    fields = {
        "kind": kind,
        "way": "",
        "skills": [],
        "motives": [],
        "words": "De zaal is maandag vrij.",
        "party_kind": "organisation",
        "party_name": "Stichting De Brug",
        "address": "Sluisweg 12" if kind == OfferKind.SPACE and not fields.get("place") else "",
    } | fields
    return make_offer(area, **fields)


def make_initiative(area: Area | None = None, *, name: str = "Soep op dinsdag", **fields) -> Initiative:
    """Something that runs, looked at today; what is no idea any more was public."""
    fields = {"public_on": None if fields.get("state") == InitiativeState.IDEA else today()} | fields
    fields = {"name": {"nl": name, "en": name}} | fields
    if "theme" not in fields:
        fields["theme"] = make_theme()
    return Initiative.objects.create(area=area or make_area(), **fields)


def make_role(
    initiative: Initiative | None = None, *, area: Area | None = None, name: str = "Kok", **fields
) -> VolunteerRole:
    """For which somebody is looked for now."""
    fields = {"name": {"nl": name, "en": name}, "skills": ["cook"], "state": RoleState.OPEN} | fields
    if "card" not in fields:
        fields["card"] = ExpectationCard.objects.first() or make_card()
    return VolunteerRole.objects.create(initiative=initiative or make_initiative(area), **fields)


def make_match(
    offer: Offer | None = None,
    role: VolunteerRole | None = None,
    *,
    state: str = MatchState.PROPOSED,
    days_ago: int = 0,
    **fields,
) -> Match:
    """In any state, with what the constraints ask of it; everything happened `days_ago`."""
    at = timezone.now() - timedelta(days=days_ago)
    fields = {"proposed_at": at, "state_at": at} | fields
    if state in STANDING_MATCHES:
        fields = {"step": MatchStep.HOW, "step_on": today(7)} | fields
    if state == MatchState.PROPOSED:
        fields = {"answer_before": today(7)} | fields
    if state in ACCEPTED_MATCH_STATES:
        fields = {"volunteer_yes_at": at, "initiative_yes_at": at} | fields
    if state in (MatchState.INTRODUCED, MatchState.ACTIVE, MatchState.ENDED):
        fields = {"introduced_at": at} | fields
    if state == MatchState.ENDED:
        fields = {"ended_on": today()} | fields
    if state == MatchState.DECLINED:
        fields = {"declined_by": Side.VOLUNTEER, "declined_because": Decline.NOT_FOR_ME} | fields
    offer, role = offer or make_offer(), role or make_role()
    if fields.get("volunteer_yes_at"):
        fields = {"card": role.card or offer.card} | fields
    return Match.objects.create(offer=offer, role=role, state=state, **fields)


def make_begun(
    area: Area | None = None, *, owner: User | None = None, by_resident: bool = True, **fields
) -> Initiative:
    """An initiative that was begun here: somebody looks after it, and with `by_resident` who began it has a page."""
    if by_resident:
        fields["receipt"] = make_receipt(purpose=ReceiptPurpose.INITIATIVE)
        make_contact(fields["receipt"], email="beginner@example.nl", phone="0687654321")
    fields = {"next_action": "Bellen", "next_action_on": today(7)} | fields
    return make_initiative(area, owner=owner or make_user(), **fields)


def make_meeting(initiative: Initiative, *, days: int = 5, **fields) -> Meeting:
    """Two hours in the Sluishuis, at ten in the morning."""
    start = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return Meeting.objects.create(
        initiative=initiative, **{"starts_at": start, "where": "Het Sluishuis"} | fields
    )


def make_task(initiative: Initiative | None = None, *, what: str = "Soep koken", **fields) -> Task:
    """A line of a plan that anybody may take on, due in a week."""
    fields = {"what": {"nl": what, "en": what}, "is_open": True, "before": today(7)} | fields
    return Task.objects.create(initiative=initiative or make_initiative(), **fields)


def make_challenge(area: Area | None = None, *, key: str = "k" * 32, **fields) -> Challenge:
    """A request as a resident sends it. An editor of the area has to be there to decide."""
    asked = ChallengeRequest(
        task="Het onderhoud van het park.", better="Wij wonen er.", who="Een groep buren.", support="Bijna iedereen.",
        applicant="group", budget=12_500, theme=fields.pop("theme", None),
    )  # fmt: skip
    made, _code = submit_challenge(
        area=area or make_area(), challenge_request=asked, language="nl", submit_key=key
    )
    Challenge.objects.filter(pk=made.pk).update(**fields)
    made.refresh_from_db()
    return made


def make_idea(area: Area | None = None, **fields) -> Initiative:
    """Begun by a resident, and in words for everybody; an idea as long as nothing else is said."""
    fields = {
        "state": InitiativeState.IDEA,
        "goal": {"nl": "Samen eten", "en": "Eat together"},
        "motive": {"nl": "Ik at altijd alleen.", "en": "I always ate alone."},
    } | fields
    return make_begun(area, **fields)


def photo(width: int = 40, height: int = 30, *, kind: str = "JPEG", **how) -> bytes:
    """A picture as it comes from a phone."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#0b5a58").save(out, kind, **how)
    return out.getvalue()


def make_picture(initiative: Initiative, *, is_read: bool = True) -> Picture:
    drawn = redraw(photo())
    return Picture.objects.create(
        initiative=initiative,
        jpeg=drawn.jpeg,
        digest=drawn.digest,
        width=drawn.width,
        height=drawn.height,
        alt={"nl": "Een pan soep", "en": "A pan of soup"},
        is_read=is_read,
    )


def make_need(
    topic: Topic | None = None, *, title: str = "Een plek om elkaar te ontmoeten", **fields
) -> Need:
    """Heard under one topic, where that is, and looked after by a colleague."""
    topic = topic or make_topic()
    fields = {"title": {"nl": title, "en": title}, "area": topic.area} | fields
    if "theme" not in fields:
        fields["theme"] = topic.theme or make_theme()
    if "owner" not in fields:
        fields["owner"] = make_user()
    if fields.get("state", NeedState.HEARD) in OPEN_NEEDS:
        fields = {"next_action_on": today(30)} | fields
    need = Need.objects.create(**fields)
    NeedSource.objects.create(need=need, origin=need, topic=topic)
    NeedStep.objects.create(need=need, state=need.state, on=need.heard_on)
    return need
