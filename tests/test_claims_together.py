"""Claims in mails and pages about a match, and about a request to take over a task. See tests.claims."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact
from feedback.models import AnswerOwed, Message
from feedback.states import MessagePurpose, Owed
from initiatives.challenges import services as challenges
from initiatives.matching.services import match_mail, matches
from initiatives.models import Challenge, Match
from initiatives.states import ChallengeState, MatchState, OfferState, RoleState
from neighbourhoods.models import Membership, ParticipationRules
from neighbourhoods.states import Role
from tests.claims import WHY, each, words
from tests.claims import house as house
from tests.feedback.factories import today
from tests.initiatives.factories import (
    make_begun,
    make_challenge,
    make_match,
    make_meeting,
    make_offer,
    make_role,
)
from tests.initiatives.test_challenges import NO, SENT, told
from tests.people import make_user

pytestmark = pytest.mark.django_db


# --- a match ----------------------------------------------------------------------------------


def a_match(
    house, *, state=MatchState.PROPOSED, before=0, pauses=False, taken=False, closed=False, offer=OfferState.CONTACTED,
    phone="0612345678", by_resident=True, met=None, days_ago=0, said_yes=True, looked_after=True,
    answer_in=7,
) -> Match:  # fmt: skip
    """Between somebody who cooks and “Soep op dinsdag”.

    `before`: so many wait already (who `pauses` has a break); `taken`: the one place is; `closed`: nobody is looked
    for; `met`: in how many days they meet first; `looked_after`: somebody works there.
    """
    initiative = make_begun(house.area, owner=house.by, by_resident=by_resident)
    role = make_role(initiative)
    if taken:
        make_match(make_offer(house.area, owner=house.by), role, state=MatchState.ACTIVE)
    for _one in range(before):
        first = OfferState.PAUSED if pauses else OfferState.CONTACTED
        waits = make_offer(house.area, owner=house.by, state=first)
        make_match(waits, role, state=MatchState.WAITLISTED, days_ago=days_ago + 1)
    fields = {"volunteer_yes_at": timezone.now()} if said_yes and state == MatchState.PROPOSED else {}
    if state == MatchState.PROPOSED:
        fields["answer_before"] = today(answer_in)
    if met is not None:
        meeting = make_meeting(initiative, days=met)
        fields |= {"meeting": meeting, "first_at": meeting.starts_at}
    theirs = make_offer(house.area, owner=house.by, state=offer)
    match = make_match(theirs, role, state=state, days_ago=days_ago, **fields)
    Contact.objects.update(confirmed_at=timezone.now())
    Contact.objects.filter(receipt=theirs.receipt).update(phone=phone)
    if closed:
        type(role).objects.update(state=RoleState.CLOSED)
    if not looked_after:
        Membership.objects.all().delete()
    return Match.objects.select_related("offer__receipt", "role__initiative__receipt").get(pk=match.pk)


def mailed(match: Match, what: str, whom) -> str:
    """The mail as it leaves, or nothing when it must not."""
    matches.notify(match, (what, whom), now=timezone.now())
    (writer,) = match_mail.render_match_messages(
        list(Message.objects.filter(purpose=MessagePurpose.MATCH))
    ).values()
    if isinstance(writer, str):
        return ""
    letter = writer("https://x.example/u/")
    return f"{letter.subject} {words(letter.text)}"


def to_volunteer(house, *, what, **fields):
    match = a_match(house, **fields)
    return mailed(match, what, match.offer.receipt)


def to_initiative(house, *, what, **fields):
    match = a_match(house, **fields)
    return mailed(match, what, match.role.initiative.receipt or match.role.initiative.owner)


def off(house, **fields):
    """“It does not go on”, to who began the initiative or looks after it."""
    return to_initiative(house, what="off", **{"state": MatchState.ENDED} | fields)


def off_for_volunteer(house, **fields):
    return to_volunteer(house, what="off", **{"state": MatchState.ENDED} | fields)


def again(house, **fields):
    return to_initiative(house, what="again", **fields)


def introduced(house, **fields):
    return to_volunteer(house, what="introduced", **{"state": MatchState.INTRODUCED} | fields)


def introduced_there(house, **fields):
    return to_initiative(house, what="introduced", **{"state": MatchState.INTRODUCED} | fields)


def how_it_was(house, *, what="after_2", **fields):
    return to_volunteer(house, what=what, **{"state": MatchState.INTRODUCED, "days_ago": 31} | fields)


def soon(house, *, met=2):
    """The reminder of the first time, as it leaves."""
    match = a_match(house, state=MatchState.INTRODUCED, met=met)
    code = matches.code_of(match.meeting)
    matches.notify(match, ("first", match.offer.receipt), now=timezone.now(), code=code)
    (writer,) = match_mail.render_match_messages(list(Message.objects.all())).values()
    return "" if isinstance(writer, str) else words(writer("").text)


def waits(house, **fields):
    return to_volunteer(house, what="waitlisted", **{"state": MatchState.WAITLISTED} | fields)


def place(house, **fields):
    return to_volunteer(house, what="place", **{"state": MatchState.WAITLISTED} | fields)


def match_page(house, *, side="volunteer", **fields):
    match = a_match(house, **{"state": MatchState.WAITLISTED} | fields)
    whose = match.offer.receipt if side == "volunteer" else match.role.initiative.receipt
    token = sign_link(whose, LinkPurpose.MATCH, str(match.pk))
    return words(house.phone.get(reverse("match", args=[token])).content.decode())


# --- a request to take over a task ------------------------------------------------------------


def a_request(house, *, due=182, moved=None, state=ChallengeState.ASKED, public=True) -> Challenge:
    """What a group of neighbours asks, to be decided in `due` days, or `moved` to another day."""
    asked_on = today(min(0, due) - 1)
    moved_reason = {} if moved is None else WHY
    days = {"decide_before": today(due if moved is None else moved), "first_decide_before": today(due)}
    challenge = make_challenge(house.area, asked_on=asked_on, moved_reason=moved_reason, **days)
    challenges.save_public_texts(
        challenge=challenge, title=WHY, summary=WHY, theme=None, party=None, by=house.by
    )
    if public:
        challenges.publish_challenge(challenge=challenge, by=house.by)
    if state == ChallengeState.TALKING:
        challenges.talk(challenge=challenge, by=house.by)
    elif state == ChallengeState.REFUSED:
        challenges.decide_challenge(challenge=challenge, decision=NO, by=house.by)
    elif state == ChallengeState.WITHDRAWN:
        Challenge.objects.update(state=state, published_on=None)
    challenge.refresh_from_db()
    return challenge


def request_page(house, **fields):
    challenge = a_request(house, **fields)
    return words(house.phone.get(reverse("challenge_public", args=[challenge.pk])).content.decode())


def all_requests(house, *, there=True, **fields):
    if there:
        a_request(house, **fields)
    cache.clear()
    return words(house.phone.get(reverse("challenges_public")).content.decode())


def own_request(house, *, answered=False, waived=False, **fields):
    challenge = a_request(house, **fields)
    if answered:
        told(challenges.answers_to_challenge(challenge)[0], house.by)
    if waived:
        AnswerOwed.objects.update(state=Owed.WAIVED, reason="Gebeld.", settled_at=timezone.now())
    own = reverse("private_page", args=[sign_link(challenge.receipt, LinkPurpose.PAGE)])
    return words(house.phone.get(own).content.decode())


def explained(house, *, days=None, role=Role.EDITOR):
    """What taking over a task is; `role` is what somebody here may do, if anybody."""
    Membership.objects.all().delete()
    if role:
        make_user(role, house.area)
    if days:
        ParticipationRules.objects.create(pk=1, terms={"right_to_challenge": days}).forget_cached()
    return words(house.phone.get(reverse("challenge_about", args=[house.area.slug])).content.decode())


def request_sent(house, *, due=None, decided=False):
    """The page of thanks, opened again when that many days are left."""
    url = reverse("challenge_ask", args=[house.area.slug])
    house.phone.get(url)
    thanks = house.phone.post(url, SENT).url
    if due is not None:
        days = {"decide_before": today(due), "first_decide_before": today(due)}
        Challenge.objects.update(asked_on=today(due - 1), **days)
    if decided:
        challenges.decide_challenge(challenge=Challenge.objects.get(), decision=NO, by=house.by)
    return words(house.phone.get(thanks).content.decode())


# --- the claims -------------------------------------------------------------------------------

ACTIVE, EXPIRED = {"state": MatchState.ACTIVE}, {"state": MatchState.EXPIRED}
DECLINED = {"state": MatchState.DECLINED}
FIRST, LAST = "Stopt er iemand, dan is de plek voor u en", "Stopt er iemand, dan is de plek voor wie het"
NOBODY, COLLEAGUE = {"looked_after": False}, {"by_resident": False}
REFUSED, TALKING = {"state": ChallengeState.REFUSED}, {"state": ChallengeState.TALKING}
WAIVED = REFUSED | {"waived": True}
MONTH = {"what": "after_30"}

CLAIMS = [
    # it does not go on: who looks for somebody else, and where
    ("Er is een plek vrij. Wij zoeken iemand anders.", off, {}, {"taken": True}, NOBODY),
    ("Er is een plek vrij.", off, NOBODY, {"closed": True}, {"taken": True}),
    ("Alle plekken zijn bezet.", off, {"taken": True}, {}, {"taken": True, "closed": True}),
    ("staat wie erbij past.", off, COLLEAGUE, {}, COLLEAGUE | {"taken": True}),
    ("neighbourhood manager", off, {}, COLLEAGUE, {"state": MatchState.ACTIVE}),
    ("Wij zoeken met u naar iets", off_for_volunteer, {}, {"offer": OfferState.CLOSED}, ACTIVE),
    ("Na uw pauze zoeken wij", off_for_volunteer, {"offer": OfferState.PAUSED}, {}, ACTIVE),
    # who said yes, and what of theirs the other has now
    ("Laat het ons weten vóór", again, {}, {"answer_in": 0}, {"answer_in": -3}),
    ("Iemand wil helpen, en wacht op uw ja of nee.", again, {}, {"said_yes": False}, DECLINED),
    ("uw nummer en adres nu ook.", introduced, {}, {"phone": ""}, DECLINED),
    ("uw e‑mailadres nu ook.", introduced, {"phone": ""}, {}, DECLINED),
    ("uw nummer en adres nu ook.", introduced_there, {}, COLLEAGUE, DECLINED),
    # whether they met
    ("U begon bij Soep op dinsdag.", how_it_was, {"met": -2}, {"met": 3}, {}),
    ("U begon bij Soep op dinsdag.", how_it_was, ACTIVE, {}, DECLINED),
    ("U doet nu een maand mee met Soep", how_it_was, MONTH | ACTIVE, MONTH, MONTH | DECLINED),
    ("Binnen een paar dagen is uw eerste keer.", soon, {}, {"met": -1}, {"met": -9}),
    # whose the next place is
    (FIRST, waits, {}, {"before": 1}, EXPIRED),
    (FIRST, waits, {"before": 1, "pauses": True}, {"before": 2}, EXPIRED),
    (LAST, waits, {"before": 1}, {}, EXPIRED),
    ("Er is 1 iemand voor u.", place, {"before": 1}, {}, {"before": 1, "pauses": True}),
    ("U staat bovenaan:", place, {}, {"before": 1}, EXPIRED),
    ("U bent nummer 2.", match_page, {"before": 1}, {}, {"before": 1} | EXPIRED),
    (FIRST, match_page, {}, {"before": 1}, EXPIRED),
    # a request to take over a task
    ("Een besluit vóór {182}.", request_page, {}, {"due": -3}, REFUSED),
    ("Er zou een besluit zijn vóór {-3}.", request_page, {"due": -3}, {}, {"due": -3} | REFUSED),
    ("Eerst was het {182}.", request_page, {"moved": 200}, {}, {"moved": 200} | REFUSED),
    ("Het college: besloten op {0}.", request_page, REFUSED, {}, {"public": False} | REFUSED),
    ("Elk verzoek, en hoe het ervoor staat.", all_requests, {}, {"there": False}, {"public": False}),
    ("Wij zijn erover in gesprek.", own_request, TALKING, {}, REFUSED),
    ("hierboven leest u waarom", own_request, REFUSED | {"answered": True}, REFUSED, WAIVED),
    ("Binnen 26 weken hoort u wat", explained, {}, {"days": 28}, {"days": 30}),
    ("Binnen 30 dagen hoort u wat", explained, {"days": 30}, {"days": 28}, {}),
    ("Er is nog niemand die hierover kan", explained, {"role": ""}, {}, {"role": Role.ADMINISTRATOR}),
    ("hoort u wat er besloten is.", request_sent, {}, {"due": -1}, {"decided": True}),
]


@each(CLAIMS)
def test_a_claim_stands_where_it_is_true(house, claim):
    claim.holds(house)


def test_a_request_asks_as_many_questions_as_it_says(house):
    page = house.phone.get(reverse("challenge_ask", args=[house.area.slug]))
    asked = [field.label for field in page.context["form"].visible_fields()]
    assert f"{len(asked)} vragen," in explained(house)


def test_who_began_it_reads_of_no_coordinator_when_it_does_not_go_on(house):
    assert "coördinator" not in off(house)
