"""An earlier, closed survey: two follow-ups were sent, and some people wait longer than promised."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from accounts.states import DeliveryChannel
from feedback.answers.services import compose
from feedback.answers.services.looking_back import note_progress
from feedback.answers.services.release import debts_of, end_holds, fan_out_released, schedule_release
from feedback.delivery.services.leases import claim
from feedback.delivery.services.outbox import EMPTIED
from feedback.models import FollowUp, Message
from feedback.states import MessageState, Outcome, Owed, ProgressKind
from neighbourhoods.models import Area, Theme
from scenarios.demo.days import NEXT_MONTH, ahead, in_month, on_day, reworded
from scenarios.demo.neighbours import Neighbours, read_some
from scenarios.demo.surveys import back, promise_before
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import add_channel, publish_survey
from surveys.builder.services.start import start_survey
from surveys.library import LIBRARY
from surveys.library.plan import t
from surveys.models import Option, Survey
from surveys.opening.services.running import close, open_survey
from surveys.states import ChannelKind

_PEOPLE = 50

# chosen options -> subject, outcome, decided, why, what next
ANSWERS = (
    (
        ("Koffie, zomaar binnenlopen", "Samen eten"),
        t("een huiskamer", "a living room"),
        Outcome.ADOPTED,
        t(
            "Dit gaat door. De bibliotheek is vanaf januari op dinsdag en donderdag ook huiskamer.",
            "This goes ahead. From January the library is a living room as well, on Tuesdays and Thursdays.",
        ),
        t(
            "Koffie en samen eten werden het meest genoemd, en genoeg buren willen de deur openhouden.",
            "Coffee and eating together were named most, and enough neighbours want to keep the door open.",
        ),
        t(
            "Op 12 januari om 10 uur zetten wij de eerste koffie. U bent welkom.",
            "On 12 January at 10 we pour the first coffee. You are welcome.",
        ),
    ),
    (
        ("Samen bewegen",),
        t("samen bewegen", "moving together"),
        Outcome.NO,
        t(
            "Dit doen wij niet. Er komt geen gymzaal in Westpolder.",
            "We won't do this. There will be no gym in Westpolder.",
        ),
        t(
            "Een zaal huren kost € 18.000 per jaar, en dat geld is nodig voor de school.",
            "Renting a hall costs € 18,000 a year, and that money is needed for the school.",
        ),
        t(
            "De wandelgroep vertrekt elke woensdag om 9 uur bij de molen. Meelopen is gratis.",
            "The walking group leaves the mill every Wednesday at 9. Joining is free.",
        ),
    ),
)


STANDS_OUT = t(
    "U wilt ergens zomaar binnenlopen, voor koffie of om samen te eten. Daar beginnen wij mee.",
    "You would like to just walk in somewhere, for coffee or to eat together. That is where we begin.",
)


def make_closed_survey(areas: dict[str, Area], people: dict[str, User], themes: dict[str, Theme]) -> Survey:
    editor, today = people["editor"], timezone.localdate()
    began = timezone.localtime() - timedelta(days=100)
    survey = start_survey(
        plan=LIBRARY["meeting"],
        areas=[areas[name] for name in ("Molenhoek", "Veldzicht", "Kadekwartier")],
        languages=["nl", "en"],
        by=editor,
    )
    survey.promise_before = today - timedelta(days=9)
    survey.erase_on = today + timedelta(days=180)
    survey.promise = promise_before(survey.promise_before)
    survey.save()
    confirm_all(survey=survey, by=editor)
    publish_survey(survey=survey, by=editor, now=began)
    survey.refresh_from_db()
    add_channel(
        survey=survey, kind=ChannelKind.POSTER, name="Poster bij de molen", code="molen",
        area_id=areas["Molenhoek"].pk, by=editor,
    )  # fmt: skip
    back(survey, by=editor, backer=people["backer"])
    open_survey(survey=survey, by=editor, now=began)
    Neighbours(survey, first_day=timezone.localdate(began), days=40).answer(_PEOPLE, addresses=18)
    read_some(survey, by=editor, themes=themes)
    close(survey=survey, by=editor, now=began + timedelta(days=45))
    first, last = reworded(ANSWERS, _opening())
    told = tell(survey, first, by=editor, now=began + timedelta(days=70))
    # Yesterday, so that its mails are in the mailbox of the demo.
    tell(survey, last, by=editor, now=began + timedelta(days=99), is_sent=False)
    for days, kind, words in SINCE:
        on = timezone.localdate(began) + timedelta(days=days)
        note_progress(follow_up=told, kind=kind, on=on, text=dict(words), by=editor)
    return survey


def _opening() -> dict[str, str]:
    """The living room opens on a Tuesday of next month."""
    day = ahead(NEXT_MONTH)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return in_month("januari", "January", day) | on_day("12 januari", "12 January", day)


SINCE = (
    (78, ProgressKind.BEGUN, t("De tafels en stoelen zijn besteld.", "Tables and chairs were ordered.")),
    (
        88,
        ProgressKind.UPDATE,
        t(
            "Er zijn genoeg buren die om beurten de deur openhouden.",
            "There are enough neighbours to take turns keeping the door open.",
        ),
    ),
)
"""Days after the start of the survey, and what happened with the first answer."""


def tell(survey: Survey, answer: tuple, *, by: User, now: datetime, is_sent: bool = True) -> FollowUp:
    """Write a follow-up, schedule its release and let its hold end. `is_sent` counts its mails as sent on that day."""
    labels, title, outcome, decided, why, next_step = answer
    options = Option.objects.filter(question__layer__survey=survey, label__nl__in=labels, theme__isnull=False)
    keys = [f"option:{option.pk}" for option in options] or ""
    follow_up = compose.start_follow_up(chosen={"source": survey.subject, "key": keys}, by=by)
    compose.save_follow_up_draft(
        follow_up=follow_up,
        seen=follow_up.digest,
        by=by,
        title=dict(title),
        outcome=outcome,
        decided=dict(decided),
        why=dict(why),
        next_step=dict(next_step),
        signed_as=dict(t("uw wijkmanager", "your neighbourhood manager")),
    )
    follow_up = schedule_release(follow_up=follow_up, by=by, now=now)
    end_holds(now=now + timedelta(minutes=11))
    fan_out_released(now=now + timedelta(minutes=11))
    if is_sent:
        _hand_over(now + timedelta(minutes=12))
    follow_up.refresh_from_db()
    return follow_up


def _hand_over(now: datetime) -> None:
    """Mark due messages as sent, so that no relay gets mail of months ago."""
    for carrier in (DeliveryChannel.MAIL, DeliveryChannel.TEXT):
        _token, ids = claim(most=Message.objects.count(), now=now, carrier=carrier)
        due = Message.objects.filter(pk__in=ids)
        due.move(MessageState.HANDING_OVER, handed_over_at=now)
        due.move(MessageState.SENT, settled_at=now, attempts=1, **EMPTIED)
        for message in due:
            debts_of(message).filter(state=Owed.PUBLISHED).update(state=Owed.SENT, settled_at=now)
