"""Both say yes, and only then each learns who the other is: once, by mail, with the first time in it."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, open_link, sign_link
from accounts.models import Contact
from core.errors import DomainError, InvalidTransition
from feedback.delivery.services import guards, pump
from feedback.models import Message
from feedback.private import services as private
from feedback.states import MessagePurpose, MessageState
from initiatives.initiatives.services import running, telling
from initiatives.matching.services import endings, matches, roles
from initiatives.matching.services.match_days import run_match_jobs
from initiatives.models import Match, Offer
from initiatives.states import (
    Decline,
    HowWasIt,
    MatchState,
    OfferState,
    Side,
)
from tests.feedback.factories import today
from tests.initiatives.factories import make_begun, make_match, make_meeting, make_offer, make_role
from tests.people import make_area, make_municipality, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(db):
    make_municipality()
    guards.outbox_may_send()
    return make_user(title="wijkmanager")


@pytest.fixture
def role(by):
    return make_role(make_begun(make_area(), owner=by))


@pytest.fixture
def offer(by, role):
    """Somebody whose address is theirs."""
    offer = make_offer(role.initiative.area, owner=by, state=OfferState.CONTACTED)
    Contact.objects.filter(receipt=offer.receipt).update(confirmed_at=timezone.now())
    return offer


def another(role, by, email: str = "second@example.nl") -> Offer:
    offer = make_offer(role.initiative.area, owner=by, state=OfferState.CONTACTED)
    Contact.objects.filter(receipt=offer.receipt).update(email=email, confirmed_at=timezone.now())
    return offer


def proposed(offer, role, by) -> Match:
    return matches.propose(offer=offer, role=role, by=by)


def both_say_yes(match) -> Match:
    matches.accept_match(match=match, side=Side.VOLUNTEER)
    return matches.accept_match(match=match, side=Side.INITIATIVE)


def queued() -> list[str]:
    """What waits in the outbox: which mail, to which side."""
    keys = (
        Message.objects.filter(purpose=MessagePurpose.MATCH)
        .order_by("pk")
        .values_list("dedupe_key", flat=True)
    )
    return [":".join(key.split(":")[3:5]) for key in keys if key.startswith("match:")]


# --- the way it goes --------------------------------------------------------------------------


def test_both_yes_and_each_gets_the_others_number_once(by, role, offer, sink):
    make_meeting(role.initiative)
    match = proposed(offer, role, by)
    assert (match.state, queued()) == (MatchState.PROPOSED, ["proposed:v", "asked:i"])
    pump.send_due()
    first = [body(mail) for mail in sink.mails]
    assert len(first) == 2
    assert not any("0612345678" in text or "0687654321" in text for text in first), "nobody knows who yet"

    for _tap in range(2):
        matches.accept_match(match=match, side=Side.VOLUNTEER)
    match.refresh_from_db()
    assert (match.state, match.introduced_at) == (MatchState.PROPOSED, None)
    for _tap in range(2):
        match = matches.accept_match(match=match, side=Side.INITIATIVE)
    assert match.state == MatchState.INTRODUCED
    assert queued()[2:] == ["introduced:v", "introduced:i"]
    pump.send_due()
    pump.send_due()
    assert sorted(sink.recipients) == ["beginner@example.nl"] * 2 + ["helper@example.nl"] * 2
    to_volunteer, to_initiative = last_to(sink, "helper@example.nl"), last_to(sink, "beginner@example.nl")
    assert "0687654321" in body(to_volunteer) and "0612345678" not in body(to_volunteer)
    assert "0612345678" in body(to_initiative) and "0687654321" not in body(to_initiative)
    for mail in (to_volunteer, to_initiative):
        assert "BEGIN:VEVENT" in calendar(mail)
    offer.refresh_from_db()
    assert (offer.state, offer.next_action) == (OfferState.ACTIVE, "Vragen hoe het gaat")
    assert offer.next_action_on == timezone.localdate(match.first_at) + timedelta(days=30)


def last_to(sink, address: str) -> EmailMessage:
    return [mail for mail in sink.mails if address in mail["To"]][-1]


def body(mail: EmailMessage) -> str:
    return mail.get_body(("plain",)).get_content()


def calendar(mail: EmailMessage) -> str:
    found = [
        one.get_content() for one in mail.iter_attachments() if one.get_content_type() == "text/calendar"
    ]
    return "".join(found)


def test_without_an_address_a_colleague_introduces_them(by, role):
    """An address that nobody confirmed is not written to: the yes is told by phone."""
    offer = make_offer(role.initiative.area, owner=by, state=OfferState.CONTACTED)
    match = matches.propose(offer=offer, role=role, by=by)
    assert queued() == ["asked:i"]
    matches.accept_match(match=match, side=Side.VOLUNTEER, by=by)
    match = matches.accept_match(match=match, side=Side.INITIATIVE)
    assert (match.state, match.introduced_at) == (MatchState.ACCEPTED, None)
    offer.refresh_from_db()
    assert offer.next_action_on == today(2)
    match = matches.introduce(match=match, by=by)
    assert match.state == MatchState.INTRODUCED
    with pytest.raises(InvalidTransition):
        matches.introduce(match=match, by=by)


def test_the_owner_of_an_initiative_says_yes_by_proposing(by, offer):
    role = make_role(make_begun(offer.area, owner=by, by_resident=False))
    match = matches.propose(offer=offer, role=role, by=by)
    assert match.initiative_yes_at and queued() == ["proposed:v"]
    match = matches.accept_match(match=match, side=Side.VOLUNTEER)
    assert match.state == MatchState.INTRODUCED
    assert queued()[1:] == ["introduced:v", "introduced:i"]
    assert Message.objects.get(dedupe_key__endswith="introduced:i").user == by


def test_another_colleague_does_not_say_yes_for_the_initiative(by, offer):
    role = make_role(make_begun(offer.area, owner=make_user(), by_resident=False))
    assert matches.propose(offer=offer, role=role, by=by).initiative_yes_at is None


# --- room, and who waits for it ---------------------------------------------------------------


def test_the_last_place_goes_to_who_is_first_and_then_to_who_waits(by, role, offer):
    first, second = proposed(offer, role, by), proposed(another(role, by), role, by)
    assert both_say_yes(first).state == MatchState.INTRODUCED
    assert both_say_yes(second).state == MatchState.WAITLISTED
    assert queued()[-1] == "waitlisted:v"
    endings.end_match(match=first, by=by)
    second.refresh_from_db()
    assert second.state == MatchState.INTRODUCED
    assert queued().count("introduced:v") == 2


@pytest.mark.parametrize("action", [private.withdraw_receipt, private.erase])
def test_who_takes_the_offer_back_leaves_the_place_to_who_waits(by, role, offer, action):
    first, second = proposed(offer, role, by), proposed(another(role, by), role, by)
    both_say_yes(first)
    both_say_yes(second)
    action(receipt=offer.receipt)
    second.refresh_from_db()
    assert second.state == MatchState.INTRODUCED
    assert not Match.objects.bound().filter(pk=first.pk).exists()


def test_an_initiative_that_ends_thanks_who_took_part_and_lets_nobody_wait(by, role, offer, sink):
    """Both who took part and who was only asked hear so, and have a next step again."""
    role.people = 2
    role.save()
    working, asked = both_say_yes(proposed(offer, role, by)), proposed(another(role, by), role, by)
    running.end_initiative(
        initiative=role.initiative,
        learned={"nl": "Begin klein."},
        thanks={"nl": "Dank voor alle soep."},
        by=by,
    )
    working.refresh_from_db()
    asked.refresh_from_db()
    assert (working.state, asked.state) == (MatchState.ENDED, MatchState.EXPIRED)
    pump.send_due()
    told = {mail["To"]: body(mail) for mail in sink.mails}
    assert "Dank voor alle soep." in told["helper@example.nl"]
    assert "Dank voor alle soep." not in told["second@example.nl"]
    assert len(sink.mails) == 2, "what was still to leave no longer stands"
    for one in (working.offer, asked.offer):
        one.refresh_from_db()
        assert one.next_action_on == today(7)


def test_a_late_yes_does_not_bring_back_who_withdrew(client, by, role, offer):
    """Their number is handed to nobody any more."""
    match = proposed(offer, role, by)
    matches.accept_match(match=match, side=Side.VOLUNTEER)
    private.withdraw_receipt(receipt=offer.receipt)
    with pytest.raises(InvalidTransition):
        matches.accept_match(match=match, side=Side.INITIATIVE)
    match.refresh_from_db()
    assert match.state == MatchState.EXPIRED
    assert "0612345678" not in client.get(url_of(match, role.initiative.receipt)).content.decode()


def test_a_role_that_closes_tells_who_was_asked(by, role, offer):
    match = proposed(offer, role, by)
    roles.close_role(role=role, by=by)
    match.refresh_from_db()
    offer.refresh_from_db()
    assert (match.state, queued()[-1], offer.next_action_on) == (MatchState.EXPIRED, "off:v", today(7))
    with pytest.raises(InvalidTransition):
        matches.accept_match(match=match, side=Side.VOLUNTEER)


def test_more_places_go_to_who_waits(by, role, offer):
    both_say_yes(proposed(offer, role, by))
    second = both_say_yes(proposed_to_wait(role, by))
    assert second.state == MatchState.WAITLISTED
    type(role).objects.filter(pk=role.pk).update(people=2)
    matches.fill(role=matches.lock_role(role))
    second.refresh_from_db()
    assert second.state == MatchState.INTRODUCED


def proposed_to_wait(role, by) -> Match:
    """Asked while there was room still."""
    offer = another(role, by)
    now = timezone.now()
    return make_match(offer, role, proposed_at=now, state_at=now)


@pytest.mark.parametrize(("side", "told"), [(Side.VOLUNTEER, ["off:i"]), (Side.INITIATIVE, ["off:v"])])
def test_who_stops_need_not_tell_it(by, role, offer, side, told):
    match = both_say_yes(proposed(offer, role, by))
    endings.end_match(match=match, side=side)
    assert [what for what in queued() if what.startswith("off")] == told


def test_a_call_that_has_to_be_made_is_not_pushed_away(by, role, offer):
    match = both_say_yes(proposed(offer, role, by))
    endings.record_experience(match=match, after=2, how=HowWasIt.BAD)
    other = make_role(role.initiative)
    asked = make_match(offer, other)
    endings.decline(match=asked, side=Side.INITIATIVE, because=Decline.FOUND_SOMEBODY)
    offer.refresh_from_db()
    assert (offer.next_action, offer.next_action_on) == ("Bellen: het was niet goed", today(2))


def test_the_address_of_a_colleague_goes_to_nobody(by, offer, sink):
    role = make_role(make_begun(offer.area, owner=by, by_resident=False))
    match = matches.propose(offer=offer, role=role, by=by)
    matches.accept_match(match=match, side=Side.VOLUNTEER)
    pump.send_due()
    assert by.email not in body(last_to(sink, "helper@example.nl"))


# --- no, too late, anew -----------------------------------------------------------------------


def test_no_says_why_and_the_volunteer_has_a_next_step(by, role, offer):
    match = proposed(offer, role, by)
    with pytest.raises(DomainError):
        endings.decline(match=match, side=Side.VOLUNTEER, because="")
    for _tap in range(2):
        match = endings.decline(match=match, side=Side.VOLUNTEER, because=Decline.TOO_FAR)
    assert (match.state, match.declined_because) == (MatchState.DECLINED, Decline.TOO_FAR)
    offer.refresh_from_db()
    assert offer.next_action_on == today(7)
    with pytest.raises(InvalidTransition):
        matches.accept_match(match=match, side=Side.INITIATIVE)


def test_proposed_anew_is_a_new_question_to_both(by, role, offer):
    match = proposed(offer, role, by)
    matches.accept_match(match=match, side=Side.INITIATIVE)
    later = timezone.now() + timedelta(days=9)
    run_match_jobs(later)
    match = matches.propose(offer=offer, role=role, by=by, now=later)
    assert (match.state, match.round, match.initiative_yes_at) == (MatchState.PROPOSED, 2, None)
    assert Message.objects.filter(dedupe_key__startswith=f"match:{match.pk}:2:").count() == 2
    assert proposed(offer, role, by).round == 2, "pressing twice is one proposal"


def test_who_said_no_is_not_asked_the_same_again(by, role, offer):
    match = proposed(offer, role, by)
    endings.decline(match=match, side=Side.VOLUNTEER, because=Decline.NOT_FOR_ME)
    with pytest.raises(DomainError, match="zei hier eerder nee tegen"):
        proposed(offer, role, by)


def test_a_yes_after_the_day_still_counts(by, role, offer):
    match = proposed(offer, role, by)
    later = timezone.now() + timedelta(days=9)
    run_match_jobs(later)
    match.refresh_from_db()
    assert match.state == MatchState.EXPIRED
    matches.accept_match(match=match, side=Side.VOLUNTEER, now=later)
    match.refresh_from_db()
    assert (match.state, match.volunteer_yes_at) == (MatchState.PROPOSED, later)


def test_who_said_yes_does_not_expire_while_the_initiative_is_silent(by, role, offer):
    match = proposed(offer, role, by)
    matches.accept_match(match=match, side=Side.VOLUNTEER)
    run_match_jobs(timezone.now() + timedelta(days=9))
    match.refresh_from_db()
    offer.refresh_from_db()
    assert match.state == MatchState.PROPOSED and match.volunteer_yes_at
    assert offer.next_action == "Zij zeiden ja en het initiatief antwoordt niet: bel ernaartoe"


@pytest.mark.parametrize("change", [{"state": "closed"}, {"state": "draft"}])
def test_nothing_is_proposed_where_nobody_is_looked_for(by, role, offer, change):
    type(role).objects.filter(pk=role.pk).update(**change)
    with pytest.raises(DomainError):
        proposed(offer, role, by)
    assert not Match.objects.exists() and not queued()


# --- what the days bring ----------------------------------------------------------------------


def test_a_reminder_once_and_only_to_who_is_silent(by, role, offer):
    match = proposed(offer, role, by)
    matches.accept_match(match=match, side=Side.INITIATIVE)
    for hour in (0, 1):
        run_match_jobs(timezone.now() + timedelta(days=5, hours=hour))
    assert queued()[2:] == ["again:v"]


def test_before_the_first_time_and_how_it_was(by, role, offer):
    make_meeting(role.initiative, days=5)
    match = both_say_yes(proposed(offer, role, by))
    for days in range(45):
        run_match_jobs(timezone.now() + timedelta(days=days))
    asked = [what for what in queued() if what.split(":")[0] in ("first", "after_2", "after_30")]
    assert asked == ["first:v", "after_2:v", "after_30:v"]
    match = endings.record_experience(match=match, after=2, how=HowWasIt.GOOD)
    assert match.state == MatchState.ACTIVE
    endings.record_experience(match=match, after=30, how=HowWasIt.BAD)
    offer.refresh_from_db()
    assert offer.next_action == "Bellen: het was niet goed" and offer.next_action_on == today(2)


def test_a_meeting_that_moves_moves_the_first_time(by, role, offer):
    meeting = make_meeting(role.initiative, days=5)
    match = both_say_yes(proposed(offer, role, by))
    type(meeting).objects.filter(pk=meeting.pk).update(
        starts_at=meeting.starts_at + timedelta(days=2), moved=1
    )
    run_match_jobs()
    match.refresh_from_db()
    assert match.first_at == meeting.starts_at + timedelta(days=2)


def test_a_place_that_nobody_read_reaches_no_volunteer(by, role, offer, sink):
    """Who began it calls off what a colleague read, and sends another place at the same hour."""
    meeting = make_meeting(role.initiative, days=5)
    both_say_yes(proposed(offer, role, by))
    telling.call_off_meeting(meeting=meeting, by=None)
    make_meeting(role.initiative, starts_at=meeting.starts_at, where="Behind the shed", is_read=False)
    pump.send_due()
    told = last_to(sink, "helper@example.nl")
    assert "Behind the shed" not in body(told) and "Behind the shed" not in str(told)


def test_a_proposal_that_no_longer_stands_costs_nobody_a_mail(by, role, offer, sink):
    match = proposed(offer, role, by)
    endings.decline(match=match, side=Side.INITIATIVE, because=Decline.FOUND_SOMEBODY)
    pump.send_due()
    assert not sink.mails
    states = Message.objects.filter(purpose=MessagePurpose.MATCH).values_list("state", flat=True)
    assert set(states) == {MessageState.CANCELLED}


def test_who_looks_after_it_is_asked_where_who_began_it_has_no_address_that_works(by, role, offer, sink):
    """And calls: the answer is noted on the page of the role."""
    Contact.objects.filter(receipt=role.initiative.receipt).update(confirmed_at=None)
    match = proposed(offer, role, by)
    pump.send_due()
    asked = last_to(sink, by.email)
    assert asked["Subject"] == "Iemand wil helpen" and reverse("role", args=[role.pk]) in body(asked)
    run_match_jobs(timezone.now() + timedelta(days=5))
    assert Message.objects.filter(user=by, dedupe_key__contains=f"match:{match.pk}:").count() == 2


# --- what must always be true -----------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"state": MatchState.INTRODUCED, "introduced_at": None},
        {"state": MatchState.ACTIVE, "volunteer_yes_at": None},
        {"state": MatchState.WAITLISTED, "initiative_yes_at": None},
        {"state": MatchState.DECLINED, "declined_by": "", "declined_because": ""},
        {"state": MatchState.ENDED, "ended_on": None},
        {"state": MatchState.INTRODUCED, "ended_on": today()},
        {"state": MatchState.INTRODUCED, "declined_by": "volunteer", "declined_because": "time"},
        {"state": "nonsense"},
    ],
)
def test_the_database_refuses(by, role, offer, fields):
    now = timezone.now()
    whole = {"volunteer_yes_at": now, "initiative_yes_at": now, "introduced_at": now} | fields
    whole["card"] = offer.card if whole["volunteer_yes_at"] else None
    if fields["state"] in (MatchState.WAITLISTED, MatchState.DECLINED):
        whole["introduced_at"] = None
    match = proposed(offer, role, by)
    with pytest.raises(IntegrityError):
        Match.objects.filter(pk=match.pk).update(**whole)


def test_one_match_for_an_offer_and_a_role(by, role, offer):
    proposed(offer, role, by)
    with pytest.raises(IntegrityError):
        make_match(offer, role)


# --- the page behind the link -----------------------------------------------------------------


def url_of(match, receipt) -> str:
    return f"/v/m/{sign_link(receipt, LinkPurpose.MATCH, str(match.pk))}/"


def test_yes_on_the_page_of_each(client, by, role, offer):
    make_meeting(role.initiative)
    match = proposed(offer, role, by)
    mine, theirs = url_of(match, offer.receipt), url_of(match, role.initiative.receipt)
    page = client.get(mine).content.decode()
    assert "Past dit bij u?" in page and "Wat u kunt verwachten" in page and "0687654321" not in page
    assert client.get(mine).status_code == 200 and not Match.objects.filter(volunteer_yes_at__isnull=False)
    client.post(mine, {"action": "yes"})
    assert "0612345678" not in client.get(theirs).content.decode()
    client.post(theirs, {"action": "yes"})
    assert "0687654321" in client.get(mine).content.decode()
    assert "0612345678" in client.get(theirs).content.decode()
    calendar = client.get(f"{mine}nabij.ics")
    assert calendar["Content-Type"].startswith("text/calendar") and b"BEGIN:VEVENT" in calendar.content


def test_a_no_without_a_reason_keeps_the_page_and_says_what_lacks(client, by, role, offer):
    match = proposed(offer, role, by)
    page = client.post(url_of(match, offer.receipt), {"action": "no"})
    assert page.status_code == 422
    assert "Kies waarom" in page.content.decode()
    assert client.post(url_of(match, offer.receipt), {"action": "no", "because": "time"}).status_code == 302
    match.refresh_from_db()
    assert (match.declined_by, match.declined_because) == (Side.VOLUNTEER, Decline.TIME)


@pytest.mark.parametrize(
    ("action", "module", "service"),
    [("yes", matches, "accept_match"), ("no", endings, "decline"), ("stop", endings, "end_match")],
)
def test_who_presses_while_the_other_erases_finds_nothing_there(
    client, by, role, offer, action, module, service, monkeypatch
):
    match = proposed(offer, role, by)
    do = getattr(module, service)

    def too_late(**asked):
        Match.objects.filter(pk=match.pk).delete()  # with the offer it was for
        return do(**asked)

    monkeypatch.setattr(module, service, too_late)
    answer = client.post(url_of(match, role.initiative.receipt), {"action": action, "because": "found"})
    assert answer.status_code == 404 and "<h1" in answer.content.decode()


def test_other_peoples_links_open_nothing(client, by, role, offer):
    match, other = proposed(offer, role, by), another(role, by)
    for receipt, link, key in (
        (other.receipt, LinkPurpose.MATCH, str(match.pk)),
        (offer.receipt, LinkPurpose.PAGE, str(match.pk)),
        (offer.receipt, LinkPurpose.MATCH, "0"),
        (offer.receipt, LinkPurpose.MATCH, "²"),
        (offer.receipt, LinkPurpose.MATCH, ""),
    ):
        url = f"/v/m/{sign_link(receipt, link, key)}/"
        assert client.get(url).status_code == client.post(url, {"action": "yes"}).status_code == 404
    assert client.post(url_of(match, offer.receipt), {"action": "erase"}).status_code == 404
    assert open_link(sign_link(offer.receipt, LinkPurpose.MATCH, "1"), LinkPurpose.MATCH)[1] == "1"


def test_how_it_was_is_asked_of_the_volunteer_alone(client, by, role, offer):
    match = both_say_yes(proposed(offer, role, by))
    Match.objects.filter(pk=match.pk).update(introduced_at=timezone.now() - timedelta(days=3))
    how = {"action": "how", "after": "2", "how": "good"}
    assert client.post(url_of(match, role.initiative.receipt), how).status_code == 404
    assert client.post(url_of(match, offer.receipt), how | {"after": "7"}).status_code == 422
    assert client.post(url_of(match, offer.receipt), how).status_code == 302
    match.refresh_from_db()
    assert (match.after_2, match.state) == (HowWasIt.GOOD, MatchState.ACTIVE)
