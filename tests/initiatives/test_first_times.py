"""A first meeting that moves or is called off: everybody who was told of it hears so, once each, and no more than that.

`story` plays actions one after the other; what the volunteer received is told as (what, day or place, .ics).
"""

from datetime import datetime, timedelta

import icalendar
import pytest
from django.utils import timezone

from accounts.models import Contact
from feedback.delivery.services import guards, pump
from feedback.models import Message
from feedback.states import MessagePurpose, MessageState
from initiatives.initiatives.services import telling
from initiatives.matching.services import endings, matches
from initiatives.matching.services.match_days import run_match_jobs
from initiatives.models import Match, Meeting
from initiatives.states import MatchState, MatchStep, OfferState, Side
from tests.feedback.factories import today
from tests.initiatives.factories import make_begun, make_meeting, make_offer, make_role
from tests.people import make_area, make_municipality, make_user

pytestmark = pytest.mark.django_db

HELPER, BEGINNER = "helper@example.nl", "beginner@example.nl"


class World:
    """Somebody who is to be introduced to a group that meets in ten days, at A."""

    def __init__(self, *, meets: bool = True, confirmed: bool = True) -> None:
        make_municipality()
        guards.outbox_may_send()
        self.now: datetime | None = None
        self.by = make_user(title="wijkmanager")
        self.initiative = make_begun(make_area(), owner=self.by)
        self.meeting = make_meeting(self.initiative, days=10) if meets else None
        self.role = make_role(self.initiative, people=3)
        self.match = self.introduce(confirmed=confirmed)

    def introduce(self, email: str = HELPER, *, confirmed: bool = True) -> Match:
        offer = make_offer(self.initiative.area, owner=self.by, state=OfferState.CONTACTED)
        at = timezone.now() if confirmed else None
        Contact.objects.filter(receipt=offer.receipt).update(email=email, confirmed_at=at)
        match = matches.propose(offer=offer, role=self.role, by=self.by)
        matches.accept_match(match=match, side=Side.VOLUNTEER)
        match = matches.accept_match(match=match, side=Side.INITIATIVE)
        if match.state == MatchState.ACCEPTED:
            match = matches.introduce(match=match, by=self.by)
        return match

    def do(self, action: str) -> None:
        """send | move +<days> | place <name> | about | off | add +<days> | day +<days> | end"""
        what, _space, how = action.partition(" ")
        if what == "send":
            pump.send_due(now=self.now)
        elif what in ("move", "place", "about"):
            meeting = Meeting.objects.get(pk=self.meeting.pk)
            at = at_day(int(how)) if what == "move" else meeting.starts_at
            where, about = (how if what == "place" else meeting.where), {"nl": str(timezone.now())}
            self.meeting = telling.change_meeting(
                meeting=meeting, when=telling.MeetingDetails(at, 120, where, about), by=self.by
            )
        elif what == "off":
            telling.call_off_meeting(meeting=self.meeting, by=self.by)
        elif what == "add":
            when = telling.MeetingDetails(at_day(int(how)), 120, "De Brug", {})
            self.meeting = telling.add_meeting(initiative=self.initiative, when=when, by=self.by)
        elif what == "day":
            # At ten, whatever the hour of the test; today it is now when ten is past.
            self.now = max(at_day(int(how)), timezone.now())
            run_match_jobs(self.now)
        elif what == "end":
            endings.end_match(match=Match.objects.get(), by=self.by)


def at_day(days: int) -> datetime:
    start = timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0)
    return start + timedelta(days=days)


def received(sink, address: str = HELPER) -> list[tuple]:
    """Of each mail: which, and what it does in a calendar: (in or out, days from now, where, sequence)."""
    return [told(mail) for mail in sink.mails if address in mail["To"]]


WHICH = {
    "U zei allebei ja": "introduced",
    "Binnenkort is uw eerste keer": "reminder",
    "Een ander moment": "moved",
    "De dag van uw eerste keer": "day",
    "Afgezegd": "off",
}


def told(mail) -> tuple:
    which = next(
        (name for words, name in WHICH.items() if mail["Subject"].startswith(words)), mail["Subject"]
    )
    found = []
    for part in mail.iter_attachments():
        calendar = icalendar.Calendar.from_ical(part.get_content())
        event = calendar.walk("VEVENT")[0]
        out = calendar["METHOD"] == "CANCEL"
        assert out == (event["STATUS"] == "CANCELLED")
        days = (timezone.localdate(event["DTSTART"].dt) - timezone.localdate()).days
        found.append(("out" if out else "in", days, str(event["LOCATION"]), event["SEQUENCE"]))
    return (which, *sorted(found))


A = ("in", 10, "Het Sluishuis", 0)


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        # Nothing changes: a reminder two days before, once, also when the day runs more than once.
        ("send|day 8|day 8|day 9|send", [("introduced", A), ("reminder", A)]),
        # Moved: told at once, the same appointment with a higher sequence, and reminded before the new day alone.
        ("send|move 12|send|day 8|send|day 10|send",
         [("introduced", A), ("moved", ("in", 12, "Het Sluishuis", 1)), ("reminder", ("in", 12, "Het Sluishuis", 1))]),
        # Moved after the reminder: reminded again.
        ("send|day 8|send|move 20|send|day 18|send",
         [("introduced", A), ("reminder", A), ("moved", ("in", 20, "Het Sluishuis", 1)),
          ("reminder", ("in", 20, "Het Sluishuis", 1))]),
        # Moved twice, each heard.
        ("send|move 12|send|move 14|send",
         [("introduced", A), ("moved", ("in", 12, "Het Sluishuis", 1)), ("moved", ("in", 14, "Het Sluishuis", 2))]),
        # Moved twice before anything left: one mail, of how it is.
        ("send|move 12|move 14|send", [("introduced", A), ("moved", ("in", 14, "Het Sluishuis", 2))]),
        # Moved and back before anybody heard: nobody hears a thing.
        ("send|move 12|move 10|send", [("introduced", A)]),
        # Moved and back, and heard of both.
        ("send|move 12|send|move 10|send",
         [("introduced", A), ("moved", ("in", 12, "Het Sluishuis", 1)), ("moved", ("in", 10, "Het Sluishuis", 2))]),
        ("send|move 12|send|move 10|move 12|send", [("introduced", A), ("moved", ("in", 12, "Het Sluishuis", 1))]),
        # Moved before the introduction left: that says who is who, the other one when.
        ("move 12|send", [("introduced",), ("day", ("in", 12, "Het Sluishuis", 1))]),
        ("move 12|move 10|send", [("introduced", ("in", 10, "Het Sluishuis", 2))]),
        # Another place is a change as well; other words about it are not.
        ("send|place De Brug|send", [("introduced", A), ("moved", ("in", 10, "De Brug", 1))]),
        ("send|about|send", [("introduced", A)]),
        ("send|move 12|about|send", [("introduced", A), ("moved", ("in", 12, "Het Sluishuis", 2))]),
        # Called off: out of the calendar, once; and a new day is told as soon as there is one.
        ("send|off|off|send|day 1|send", [("introduced", A), ("off", ("out", 10, "Het Sluishuis", 1))]),
        ("send|off|send|add 20|send|day 18|send",
         [("introduced", A), ("off", ("out", 10, "Het Sluishuis", 1)), ("day", ("in", 20, "De Brug", 0)),
          ("reminder", ("in", 20, "De Brug", 0))]),
        # Called off while there is another day already: that comes instead, in one mail.
        ("send|add 20|off|send", [("introduced", A)]),
        ("send|off|add 20|send",
         [("introduced", A), ("moved", ("in", 20, "De Brug", 0), ("out", 10, "Het Sluishuis", 1))]),
        # Called off before anybody heard of the new day.
        ("send|move 12|off|send", [("introduced", A), ("off", ("out", 10, "Het Sluishuis", 2))]),
        # Nothing is told of a first time to who stopped; the appointment goes out of their calendar with that.
        ("send|move 12|end|send",
         [("introduced", A), ("Het gaat niet door", ("out", 12, "Het Sluishuis", 1))]),
    ],
)  # fmt: skip
def test_what_the_volunteer_hears(sink, actions, expected):
    world = World()
    for action in actions.split("|"):
        world.do(action)
    assert received(sink) == expected
    assert not Message.objects.filter(purpose=MessagePurpose.MATCH, state=MessageState.PENDING).exists() or (
        actions.split("|")[-1] != "send"
    )


def test_another_meeting_called_off_is_not_theirs(sink):
    """`add 20|off` calls off the added one: their own day stands."""
    world = World()
    first = world.meeting
    for action in ("send", "add 20"):
        world.do(action)
    telling.call_off_meeting(meeting=first, by=world.by)
    world.do("send")
    assert received(sink)[1:] == [("moved", ("in", 20, "De Brug", 0), ("out", 10, "Het Sluishuis", 1))]
    world.match.refresh_from_db()
    assert world.match.meeting == world.meeting


def test_who_began_it_hears_once_for_all_who_come(sink):
    world = World()
    world.introduce("second@example.nl")
    world.do("send")
    before = len(received(sink, BEGINNER))
    for action in ("move 12", "send", "off", "send"):
        world.do(action)
    assert received(sink, BEGINNER)[before:] == [
        ("moved", ("in", 12, "Het Sluishuis", 1)),
        ("off", ("out", 12, "Het Sluishuis", 2)),
    ]
    assert [one[0] for one in received(sink, "second@example.nl")[-2:]] == ["moved", "off"]


def test_the_mail_says_what_was_and_what_is(sink):
    world = World()
    for action in ("send", "move 12", "send", "off", "send"):
        world.do(action)
    moved, off = (
        mail.get_body(("plain",)).get_content() for mail in [m for m in sink.mails if HELPER in m["To"]][-2:]
    )
    assert "Dit is hoe het nu is" in moved and "Het was" in moved and "0687654321" in moved
    assert "gaat niet door" in off and "zodra er een andere dag is" in off


@pytest.mark.parametrize(
    ("actions", "step", "days"),
    [
        ("send", MatchStep.HOW, 40),
        ("move 12", MatchStep.HOW, 42),
        ("off", MatchStep.NEW_DAY, 7),
        ("off|add 20", MatchStep.HOW, 50),
    ],
)
def test_the_next_step_goes_along(actions, step, days):
    world = World()
    for action in actions.split("|"):
        world.do(action)
    match = Match.objects.select_related("offer").get()
    assert (match.step, match.step_on) == (step, today(days))
    assert match.offer.next_action_on == today(days)


def test_who_has_no_address_is_called_today():
    world = World(confirmed=False)
    world.do("move 12")
    match = Match.objects.select_related("offer").get()
    assert (match.step, match.step_on, match.offer.next_action_on) == (MatchStep.TELL_DAY, today(), today())
    assert match.first_at == at_day(12)


def test_how_it_was_is_not_asked_of_who_could_not_come(sink):
    world = World()
    for action in ("off", *(f"day {n}" for n in range(1, 40)), "send"):
        world.do(action)
    assert not [one for one in received(sink) if one[0].startswith("Hoe")]


def test_what_was_changed_past_the_services_is_found_by_the_day(sink):
    """A restored copy, or an action that was killed: the day tells what nobody told yet, and only once."""
    world = World()
    world.do("send")
    Meeting.objects.filter(pk=world.meeting.pk).update(
        starts_at=at_day(12), moved=1, earlier=[(at_day(10).isoformat(), 120, "Het Sluishuis")]
    )
    for action in ("day 0", "day 0", "send"):
        world.do(action)
    assert [one[0] for one in received(sink)] == ["introduced", "moved"]


def test_who_met_already_is_left_alone(sink):
    world = World()
    world.do("send")
    Match.objects.update(first_at=timezone.now() - timedelta(days=1))
    Meeting.objects.update(starts_at=timezone.now() - timedelta(days=1))
    for action in ("move 12", "send"):
        world.do(action)
    assert [one[0] for one in received(sink)] == ["introduced"]
