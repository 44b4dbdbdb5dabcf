"""Simulates a year of surveys and answers, day by day, through the services that the pages call: is everybody
answered?

Three surveys are held. Neighbours answer, some leave an address and choose how often they want mail; some
unsubscribe, withdraw or erase. Colleagues read contributions and answer them, one topic at a time; once they are
away for two weeks. Residents who got an answer react to it or write back; a few addresses no longer exist. The
first survey belongs to a trajectory, which ends with its final report. On the last day no answer may be owed to
anybody.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from datetime import time as clock
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Count, Min, Q
from django.utils import timezone

from accounts.models import Contact, Receipt, User
from accounts.states import HowOften
from core.revision import revision
from feedback.answers.services import (
    compose,
    letters_by_post,
    looking_back,
    promises,
    release,
    replies,
    talking_back,
)
from feedback.answers.services.reckoning import count_delivery
from feedback.contacts.services import hearing_back
from feedback.contributions.services import closing, listening
from feedback.models import (
    AnswerOwed,
    Contribution,
    FollowUp,
    FollowUpItem,
    FulfilmentCheck,
    LetterBatch,
    Promise,
)
from feedback.private import services as private
from feedback.reports.services import reports
from feedback.states import (
    ANSWERED_STATES,
    PROMISING_OUTCOMES,
    BatchState,
    FollowUpState,
    Handover,
    Happened,
    Outcome,
    Owed,
    Reading,
)
from neighbourhoods.advice.services import advice_for, decide_approach, set_resources
from neighbourhoods.backing.services import sign
from neighbourhoods.models import Area, TalkBack, Theme, Trajectory
from neighbourhoods.states import Phase, Step, StepState, TalkBackKind
from neighbourhoods.trajectories import services as trajectories
from scenarios.demo.people import OPEN_ANSWERS, Neighbours
from scenarios.rehearsal.days import Days
from scenarios.rehearsal.sink import Letter
from surveys.builder.services.keeping import save_processing_record
from surveys.builder.services.proposals import confirm_all
from surveys.builder.services.publish import add_channel, publish_survey
from surveys.builder.services.start import start_survey
from surveys.library import LIBRARY
from surveys.library.plan import bilingual
from surveys.models import Response, Survey
from surveys.opening.services.running import ask_backer, close_survey, open_survey
from surveys.results.services.outcome import publish_page
from surveys.states import ChannelKind

SURVEY_PLANS = tuple(LIBRARY[slug] for slug in ("green", "first-sounding", "meeting"))
FIRST_OPENING_DAY, DAYS_BETWEEN_SURVEYS = 14, 75
"""The first survey opens on this day of the year, the others this many days apart."""
OPEN_DAYS = 28
PROMISE_DAYS = 110
"""Days after opening within which everybody must be answered."""
EDITOR_AWAY_DAYS = range(150, 164)
"""Days on which nobody answers: what is due then becomes late, and must be reported as late."""
LAST_DAYS = 5
"""Days on which the surveys are rounded off, again if a resident put something back meanwhile."""
QUIET_DAYS = 45
"""Number of days at the end in which residents ask nothing new, so that everybody is answered in time."""
SOME_WORDS = bilingual("In gewone woorden.", "In plain words.")


@dataclass(frozen=True)
class YearScale:
    days: int = 364
    polls: int = 3
    residents: int = 450
    offers: int = 120
    initiatives: int = 12
    seed: int = 1
    begins_on: date = date(2026, 1, 5)

    @property
    def last_day(self) -> date:
        return self.begins_on + timedelta(days=self.days - 1)


@dataclass
class Poll:
    survey: Survey
    opened: int
    neighbours: Neighbours
    has_closed: bool = False
    came: int = 0
    counted: list[UUID] = field(default_factory=list)


class SurveyYear:
    """The surveys, their residents and the editor."""

    def __init__(
        self,
        scale: YearScale,
        *,
        days: Days,
        editor: User,
        backer: User,
        areas: list[Area],
        themes: list[Theme],
        maildir: Path,
    ) -> None:
        self.scale, self.days, self.chance, self.did = scale, days, days.chance, days.account.did
        self.editor, self.backer, self.areas, self.themes = editor, backer, areas, themes
        self.maildir = maildir
        self.polls: list[Poll] = []
        self.left: dict[str, float] = {}
        """Address of each resident who unsubscribed -> timestamp."""
        self.erased: set[UUID] = set()
        self.withdrew: set[UUID] = set()
        self.letters_read = self.letters_checked = 0
        self.trajectory: Trajectory | None = None

    # --- the morning ----------------------------------------------------------------------------

    def morning(self, day: int) -> None:
        number = len(self.polls)
        if number < self.scale.polls and day >= FIRST_OPENING_DAY + DAYS_BETWEEN_SURVEYS * number:
            self._open(number, day)
        for poll in self.polls:
            since = day - poll.opened
            if since < OPEN_DAYS:
                self._neighbours_answer(poll, since)
            elif not poll.has_closed:
                close_survey(survey=poll.survey, by=self.editor)
                poll.has_closed = True
        self._change_minds()
        self._read_mail(may_ask=day < self.scale.days - QUIET_DAYS)
        self._react(may_ask=day < self.scale.days - QUIET_DAYS)
        self._look_back(may_ask=day < self.scale.days - QUIET_DAYS)
        if timezone.localdate().weekday() < 5 and day not in EDITOR_AWAY_DAYS:
            self._listen()
            self._send_letter_batch()
            for poll in self.polls:
                self._answer(poll, day)
        self._go_on_with_the_trajectory(day)
        if day >= self.scale.days - LAST_DAYS:
            self._round_off()

    def _open(self, number: int, day: int) -> None:
        today = timezone.localdate()
        where = self.areas[2 * number % len(self.areas) :][:2]
        if number == 0:
            self.trajectory = self._start_trajectory(where)
        survey = start_survey(
            plan=SURVEY_PLANS[number % len(SURVEY_PLANS)], areas=where, languages=["nl", "en"],
            trajectory=self.trajectory if number == 0 else None, by=self.editor,
        )  # fmt: skip
        survey.promise_before, survey.promise = today + timedelta(days=PROMISE_DAYS), dict(SOME_WORDS)
        survey.erase_on = today + timedelta(days=500)
        survey.save()
        keeping = {"basis_in": "Verordening", "impact_note": "In woorden.", "processors": "Niemand."}
        save_processing_record(survey=survey, fields=keeping, by=self.editor)
        confirm_all(survey=survey, by=self.editor)
        publish_survey(survey=survey, by=self.editor)
        survey.refresh_from_db()
        for area in where:
            add_channel(
                survey=survey, kind=ChannelKind.POSTER, name=area.name, code=f"p{number}{area.pk}",
                area_id=area.pk, by=self.editor,
            )  # fmt: skip
        backing = ask_backer(
            survey=survey,
            backer=self.backer,
            statement=dict(SOME_WORDS),
            until=survey.erase_on,
            by=self.editor,
        )
        sign(backing=backing, by=self.backer, digest=backing.digest)
        open_survey(survey=survey, by=self.editor)
        words = tuple(
            (language, theme, f"{text} ({number}.{again})")
            for again in range(40)
            for language, theme, text in OPEN_ANSWERS
        )
        neighbours = Neighbours(survey, first_day=today, days=1, words=words)
        self.polls.append(Poll(survey, day, neighbours))

    def _neighbours_answer(self, poll: Poll, since: int) -> None:
        wanted = round(self.scale.residents / self.scale.polls * (since + 1) / OPEN_DAYS)
        while poll.came < wanted:
            poll.came += 1
            response = poll.neighbours.one(poll.came, on=timezone.localdate())
            self.did["took part"] += 1
            if not response.layers_done:
                self.did["put it away"] += 1
                continue
            poll.counted.append(response.receipt_id)
            if self.days.perhaps(0.45):
                gone = "gone" if self.days.perhaps(0.05) else "neighbour"
                address = f"{gone}{poll.survey.pk}-{poll.came}@example.nl"
                poll.neighbours.hear_back(response, address, confirms=False, **self._other_contact(poll.came))
                self.did["left an address"] += 1

    def _other_contact(self, number: int) -> dict[str, str]:
        """One in eight leaves a mobile number and one in eight a postal address instead of e-mail."""
        way = self.chance.randrange(8)
        texted = {"mobile": f"+3161234{number:04}"}
        return texted if way == 0 else {"postal": f"\nKade {number}\n1234 AB  WATERDAM"} if way == 1 else {}

    def _change_minds(self) -> None:
        readers = Contact.objects.reachable().select_related("receipt")
        some = list(readers.order_by("pk"))
        if some and self.days.perhaps(0.5):
            chosen = self.chance.choice(list(HowOften.values))
            release.choose_how_often(receipt=self.chance.choice(some).receipt, chosen=chosen)
            self.did["chose how often"] += 1
        if some and self.days.perhaps(0.08):
            leaver = self.chance.choice(some)
            hearing_back.unsubscribe(receipt=leaver.receipt)
            self.left[leaver.address] = timezone.now().timestamp()
            self.did["unsubscribed"] += 1
        self._withdraw_or_erase()

    def _withdraw_or_erase(self) -> None:
        everybody = [pk for poll in self.polls for pk in poll.counted]
        if not everybody:
            return
        if self.days.perhaps(len(everybody) / 8_000):
            self._withdraw(self.chance.choice(everybody))
        if self.days.perhaps(len(everybody) / 10_000):
            receipt = Receipt.objects.filter(pk=self.chance.choice(everybody)).first()
            if receipt:
                self._expect_no_mail(receipt)
                self.erased.add(receipt.pk)
                private.erase(receipt=receipt)

    def _withdraw(self, pk: UUID) -> None:
        receipt = Receipt.objects.filter(pk=pk, response__withdrawn_on=None).first()
        if receipt:
            private.withdraw_receipt(receipt=receipt)
            self.withdrew.add(pk)
            if self.days.perhaps(0.3):
                private.undo_withdrawal(receipt=receipt)
                self.withdrew.remove(pk)
                self.did["put it back"] += 1

    def _expect_no_mail(self, receipt: Receipt) -> None:
        for contact in Contact.objects.filter(receipt=receipt):
            self.left[contact.address] = timezone.now().timestamp()

    # --- replies and bounces ----------------------------------------------------------------------

    def _read_mail(self, *, may_ask: bool) -> None:
        """Some residents reply by mail; some addresses bounce."""
        for letter in self.days.sink.letters[self.letters_read :]:
            if letter.recipient.startswith("gone"):
                self._deliver_mail(not_delivered(letter))
                self.did["came back"] += 1
            elif may_ask and "Reply-To" in letter.message and self.days.perhaps(0.05):
                self._deliver_mail(reply(letter, f"En wanneer dan? ({self.did['wrote back']})"))
                self.did["wrote back"] += 1
        self.letters_read = len(self.days.sink.letters)

    def _deliver_mail(self, mail: bytes) -> None:
        (self.maildir / "new" / uuid4().hex).write_bytes(mail)

    def _react(self, *, may_ask: bool) -> None:
        """“Does this answer you?” Most do not react; most who do say yes."""
        unsaid = FollowUpItem.objects.shown().filter(reaction=None, receipt__response__withdrawn_on=None)
        for item in unsaid.select_related("receipt").order_by("pk"):
            if not self.days.perhaps(0.006):
                continue
            answers = not may_ask or self.days.perhaps(0.85)
            reason = "" if answers else f"Dat was niet wat ik vroeg ({item.pk})."
            self.days.attempt(
                "said yes" if answers else "said no",
                replies.react, item=item, answers_me=answers, reason=reason,
            )  # fmt: skip

    def _look_back(self, *, may_ask: bool) -> None:
        """“Did what was promised happen?” A small part of those asked responds."""
        asked = FulfilmentCheck.objects.filter(happened="", item__receipt__response__withdrawn_on=None)
        for one in asked.select_related("item").order_by("pk"):
            if self.days.perhaps(0.003):
                happened = self.chance.choice(list(Happened.values)) if may_ask else Happened.YES
                self.days.attempt(
                    f"said that it happened: {happened}",
                    looking_back.save_fulfilment_reply,
                    item=one.item,
                    happened=happened,
                )

    # --- colleagues -----------------------------------------------------------------------------

    def _listen(self) -> None:
        for contribution in Contribution.objects.unread().order_by("said_on", "slot", "pk"):
            danger = "bedreigd" in contribution.text
            found = listening.save_reading(
                contribution=contribution,
                seen=contribution.revision,
                reading=Reading.SENSITIVE if danger else Reading.CLEAR,
                themes=self.chance.sample(self.themes, self.chance.choice((0, 1, 1, 2))),
                handover=Handover.DANGER if danger else Handover.NONE,
                by=self.editor,
            )
            self.did["texts read"] += found is not None

    def _answer(self, poll: Poll, day: int) -> None:
        """Answering starts a week after closing: each working day the oldest topic, until nobody waits."""
        if day < poll.opened + OPEN_DAYS + 7:
            return
        source = poll.survey.subject
        waiting = AnswerOwed.objects.waiting().filter(topic__source=source)
        groups = waiting.order_by().values_list("topic__key").annotate(due=Min("due_on")).order_by("due")
        first = groups.first()
        if first is None:
            return
        if day == poll.opened + PROMISE_DAYS - 10 and poll is self.polls[-1]:
            self._move(source)
        follow_up = compose.start_follow_up(chosen={"source": source, "key": [first[0]]}, by=self.editor)
        if self._tell(follow_up) and self.days.perhaps(0.05):
            self._correct()

    def _tell(self, follow_up: FollowUp) -> bool:
        texts = {part: {code: f"{words} ({follow_up.pk})" for code, words in SOME_WORDS.items()}
                 for part in FollowUp.TEXTS}  # fmt: skip
        outcome = self.chance.choice(list(Outcome.values))
        happens_on = timezone.localdate() + timedelta(days=14) if outcome in PROMISING_OUTCOMES else None
        compose.save_follow_up_draft(
            follow_up=follow_up, seen=follow_up.digest, by=self.editor, outcome=outcome, happens_on=happens_on, **texts,
        )  # fmt: skip
        follow_up.refresh_from_db()
        held = self.days.attempt("answers", release.schedule_release, follow_up=follow_up, by=self.editor)
        if held and self.days.perhaps(0.1):
            self.days.attempt("stopped", release.stop_release, follow_up=held, by=self.editor)
            held = self.days.attempt(
                "answers again", release.schedule_release, follow_up=held, by=self.editor
            )
        return held is not None

    def _correct(self) -> None:
        """Correct the newest fanned-out follow-up. Corrections, and follow-ups that have a correction, are skipped."""
        out = FollowUp.objects.filter(state=FollowUpState.FANNED_OUT, corrections=None, corrects=None).first()
        if out:
            again = compose.start_follow_up(chosen=out.audience, by=self.editor, corrects=out)
            self.did["corrected"] += self._tell(again)

    def _move(self, source: str) -> None:
        promise = Promise.objects.get(subject=source)
        self.days.attempt(
            "moved a promise", promises.move_promise, promise=promise, due_on=promise.due_on + timedelta(days=21),
            reason=dict(SOME_WORDS), by=self.editor, seen=promise.due_on,
        )  # fmt: skip

    def _send_letter_batch(self) -> None:
        """On Mondays a letter batch is started; the next day it is printed and posted."""
        for batch in LetterBatch.objects.filter(state=BatchState.MADE):
            if self.days.attempt(
                "took letters", letters_by_post.take_letters_file, batch=batch, by=self.editor
            ):
                letters_by_post.note_posted(batch=batch, on=timezone.localdate(), by=self.editor)
                self.did["letters posted"] += batch.letters
        if timezone.localdate().weekday() == 0 and letters_by_post.count_waiting_letters():
            self.days.attempt("put letters together", letters_by_post.start_letter_batch, by=self.editor)

    def _round_off(self) -> None:
        for promise in Promise.objects.filter(subject__in=[poll.survey.subject for poll in self.polls]):
            if promise.rounded_off_on is None:
                self.days.attempt("rounded off", closing.round_off, promise=promise, by=self.editor)

    # --- the trajectory, from plan to report ------------------------------------------------------

    def _start_trajectory(self, where: list[Area]) -> Trajectory:
        for area in where:
            set_resources(
                area=area, mandate=True, mandate_of="wethouder", budget=10_000, hours=8, by=self.editor
            )
        trajectory = trajectories.start_trajectory(
            title="Een jaar", areas=where, phase=Phase.PREPARATION, owner=self.editor, by=self.editor
        )
        names = ("goal", "fixed", "influence_why", "who", "input_use", "reporting")
        activity = {"what": dict(SOME_WORDS), "on": timezone.localdate().isoformat()}
        fields = {name: dict(SOME_WORDS) for name in names}
        trajectories.save_plan(
            plan=trajectory.plan, fields=fields | {"influence": "consult", "activities": [activity]}, why={},
            by=self.editor,
        )  # fmt: skip
        trajectories.publish_plan(plan=trajectory.plan, by=self.editor)
        self._done(trajectory, Step.MANDATE, Step.DESK_PROFILE, Step.INVENTORY)
        return trajectory

    def _done(self, trajectory: Trajectory, *steps: Step) -> None:
        for number in steps:
            step = trajectory.steps.get(number=number)
            trajectories.move_step(step=step, to=StepState.DONE, by=self.editor)

    def _go_on_with_the_trajectory(self, day: int) -> None:
        """A week after closing the results are published and a talk-back meeting is planned for ten days later."""
        trajectory, since = self.trajectory, day - FIRST_OPENING_DAY - OPEN_DAYS
        if trajectory is None:
            return
        if since == 7:
            publish_page(survey=self.polls[0].survey, words=dict(SOME_WORDS), by=self.editor)
            evening = TalkBack(
                kind=TalkBackKind.MEETING, on=timezone.localdate() + timedelta(days=10), at=clock(20),
                place="De Molen", asks=dict(SOME_WORDS),
            )  # fmt: skip
            back = trajectories.record_talk_back(trajectory=trajectory, talk_back=evening, by=self.editor)
            talking_back.invite_to_talk_back(talk_back=back, by=self.editor)
            self.did["put back"] += 1
        elif since == 18:
            back = trajectory.talk_backs.get()
            back.present, back.support_yes, back.support_partly, back.support_no = 30, 20, 5, 5
            back.heard = dict(SOME_WORDS)
            trajectories.record_talk_back(trajectory=trajectory, talk_back=back, by=self.editor)
        elif day == self.scale.days - 7:
            self._report(trajectory)

    def _report(self, trajectory: Trajectory) -> None:
        self._done(trajectory, Step.POLL, Step.DEEPENING)
        for area in trajectory.areas.all():
            advised = advice_for(area).approach
            decide_approach(area=area, chosen=advised, seen=advised, by=self.editor, trajectory=trajectory)
        self._done(trajectory, Step.TALK_BACK, Step.APPROACH, Step.FEEDBACK, Step.START)
        report = reports.begin_report(trajectory=trajectory, by=self.editor)
        reports.save_report_draft(
            report=report, by=self.editor,
            fields={"introduction": dict(SOME_WORDS), "closing": dict(SOME_WORDS),
                    "happened": {"activity1": dict(SOME_WORDS)}},
        )  # fmt: skip
        seen = revision(reports.build_all_languages(report))
        report = reports.finish_report(report=report, seen=seen, by=self.editor)
        reports.publish_report(report=report, by=self.editor)
        self.did["final reports"] += 1

    # --- the evening ------------------------------------------------------------------------------

    def forgotten(self, on: date) -> Iterator[str]:
        yield from self._sums()
        yield from self._without_a_debt()
        yield from self._after_they_left()
        if on == self.scale.last_day:
            yield from self._at_the_end()

    def _sums(self) -> Iterator[str]:
        for follow_up in FollowUp.objects.exclude(state=FollowUpState.DRAFT):
            if not (found := count_delivery(follow_up)).is_equal:
                yield f"follow-up {follow_up.pk}: {found.audience} people, {found.parts}"
        if under_way := FollowUp.objects.filter(
            state__in=[FollowUpState.HOLD, FollowUpState.RELEASED]
        ).count():
            yield f"{under_way} answers are still on hold or being handed out in the evening"
        answered = Q(named_by__follow_up__state=FollowUpState.FANNED_OUT, state=Owed.OPEN, reopened=0)
        if left := AnswerOwed.objects.filter(answered).count():
            yield f"{left} debts were named by an answer that is out, and still wait"

    def _without_a_debt(self) -> Iterator[str]:
        spoke = Response.objects.exclude(layers_done=[]).annotate(debts=Count("receipt__owed"))
        if silent := spoke.filter(debts=0).count():
            yield f"{silent} people took part, and nothing is owed to them"

    def _after_they_left(self) -> Iterator[str]:
        letters = self.days.sink.letters
        for letter in letters[self.letters_checked :]:
            if letter.received_at > self.left.get(letter.recipient, letter.received_at):
                yield f"a mail to {letter.recipient}, who had left"
        self.letters_checked = len(letters)

    def _at_the_end(self) -> Iterator[str]:
        """On the last day every debt must be settled, and every missing receipt must have been erased by its holder."""
        for topic, people in AnswerOwed.objects.waiting().values_list("topic").annotate(Count("pk")):
            yield f"{people} answers are still owed about topic {topic}"
        if unread := Contribution.objects.unread().count():
            yield f"{unread} texts were never read"
        spoke = {pk for poll in self.polls for pk in poll.counted}
        here = set(Receipt.objects.filter(pk__in=spoke).values_list("pk", flat=True))
        if lost := spoke - here - self.erased - self.withdrew:
            yield f"{len(lost)} people spoke, and are gone without having asked for it"
        if back := here & self.erased:
            yield f"{len(back)} people erased everything, and are still here"
        if open_books := Promise.objects.filter(rounded_off_on=None, subject__startswith="survey:").count():
            yield f"{open_books} polls were not rounded off"
        if letters_by_post.count_waiting_letters():
            yield "letters wait to be put together"
        if self.trajectory and not self.trajectory.reports.filter(published_at__isnull=False).exists():
            yield "the final report was not published"

    def figures(self) -> dict[str, Any]:
        states = Counter(AnswerOwed.objects.order_by().values_list("state", flat=True))
        return {
            "people": sum(len(poll.counted) for poll in self.polls),
            "owed": sum(states.values()),
            "waiting": states[Owed.OPEN],
            "overdue": AnswerOwed.objects.late(on=timezone.localdate()).count(),
            "answered": sum(states[state] for state in ANSWERED_STATES),
            "sent": states[Owed.SENT],
            "other": states[Owed.WITHDRAWN] + states[Owed.WAIVED],
            "answers": FollowUp.objects.exclude(state=FollowUpState.DRAFT).count(),
            "yes": self.did["said yes"],
            "no": self.did["said no"],
            "replies": self.did["wrote back"],
            "came back": self.did["came back"],
            "erased": len(self.erased),
            "looked back": sum(n for what, n in self.did.items() if what.startswith("said that it happened")),
            "letters": self.did["letters posted"],
        }


def reply(letter: Letter, words: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = letter.recipient, letter.message["Reply-To"]
    mail["Subject"], mail["Message-ID"] = f"Re: {letter.message['Subject']}", f"<{uuid4().hex}@example.nl>"
    mail["In-Reply-To"] = letter.message_id
    mail.set_content(words)
    return mail.as_bytes()


def not_delivered(letter: Letter) -> bytes:
    """A bounce for an address that does not exist (RFC 3464)."""
    return f"""From: MAILER-DAEMON@example.nl
To: nobody@example.nl
Subject: Undelivered Mail Returned to Sender
Message-ID: <{uuid4().hex}@example.nl>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

This is the mail system.
--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.nl

Final-Recipient: rfc822; {letter.recipient}
Action: failed
Status: 5.1.1

--=_b
Content-Type: text/rfc822-headers

Message-ID: {letter.message_id}

--=_b--
""".encode()
