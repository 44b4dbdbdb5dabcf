"""The whole rehearsal, act by act, and the final report."""

import re
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from scenarios.rehearsal.residents import Neighbourhood, Resident, ResidentRecord
from scenarios.rehearsal.sink import Sink
from scenarios.rehearsal.stage import Editor, ReleasedFollowUp

PRIVATE_ITEM_PATTERN = re.compile(r"/v/i/")


@dataclass(frozen=True)
class Plan:
    url: str
    poll: str
    residents: int
    seed: int
    at_once: int
    think: tuple[float, ...]
    staff: str
    password: str
    sink_port: int
    words: list[tuple[str, str]]
    patience: float


@dataclass
class Report:
    """Numbers of people, mails and answers. Every list of troubles must be empty."""

    residents: int = 0
    finished: int = 0
    layers: int = 0
    texts: int = 0
    resumed: int = 0
    double_taps: int = 0
    offers: int = 0
    addresses: int = 0
    confirmed: int = 0
    withdrawn: int = 0
    erased: int = 0
    unsubscribed: int = 0
    counted: int = 0
    counted_expected: int = 0
    texts_read: int = 0
    waiting_before: int = 0
    waiting_after: int = 0
    follow_ups: list[dict[str, Any]] = field(default_factory=list)
    mails_expected: int = 0
    mails_received: int = 0
    doubled: int = 0
    lost: int = 0
    after_unsubscribing: int = 0
    to_unconfirmed: int = 0
    requests: int = 0
    seconds_p50: float = 0
    seconds_p95: float = 0
    seconds_total: float = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        sums = all(told["audience"] == sum(told["parts"]) for told in self.follow_ups)
        bad = self.doubled + self.lost + self.after_unsubscribing + self.to_unconfirmed
        return not bad and not self.troubles and sums and self.counted == self.counted_expected

    def as_dict(self) -> dict[str, Any]:
        return {"clean": self.is_clean} | asdict(self)


class Play:
    """Residents answer; some confirm, withdraw or erase; staff answer twice; some unsubscribe in between."""

    def __init__(self, plan: Plan, say: Callable[[str], None]) -> None:
        self.plan, self.say = plan, say
        self.sink = Sink(plan.sink_port)
        self.home = Neighbourhood(
            plan.url, plan.poll, plan.words, self.sink, (plan.think[0], plan.think[1]), plan.seed
        )
        self.report = Report(residents=plan.residents)
        self.people: list[Resident] = []
        # The addresses that must get a mail of each follow-up, as they were at its release.
        self.expected: list[set[str]] = []

    def run(self) -> Report:
        began = time.monotonic()
        self.sink.start()
        try:
            editor = Editor(self.plan.url, self.plan.staff, self.plan.password)
            survey = editor.survey(self.plan.poll)
            before = editor.counted(survey)
            self._answer()
            self._change_their_minds()
            self._listen(editor, survey, before)
            self._tell(editor, survey)
        finally:
            self.sink.stop()
        self._account()
        self.report.seconds_total = round(time.monotonic() - began, 1)
        return self.report

    # --- the acts ---------------------------------------------------------------------------

    def _answer(self) -> None:
        self.say(f"{self.plan.residents} residents answer, {self.plan.at_once} at a time ...")
        self.people = [self.home.resident(number) for number in range(self.plan.residents)]
        self._run_concurrently(self.people, Resident.play)
        self._confirm()

    def _confirm(self) -> None:
        """Nine in ten confirm their address from the mail."""
        wanted = [one for one in self.people if one.did.address and one.chance.random() < 0.9]
        self.say(f"{len(wanted)} residents wait for the mail that asks for their address ...")
        ends = time.monotonic() + self.plan.patience
        while time.monotonic() < ends:
            missing = [one for one in wanted if not self.sink.to(one.did.address)]
            if not missing:
                break
            time.sleep(0.5)
        else:
            self.report.troubles.append(f"{len(missing)} confirmation mails did not come")
        self._run_concurrently(wanted, Resident.confirm)

    def _change_their_minds(self) -> None:
        finished = [one for one in self.people if one.did.finished_first and one.did.code]
        self._run_concurrently([one for one in finished if one.chance.random() < 0.04], Resident.withdraw)
        still = [one for one in finished if not one.did.withdrawn]
        self._run_concurrently([one for one in still if one.chance.random() < 0.04], Resident.erase)

    def _listen(self, editor: Editor, survey: str, before: int) -> None:
        did = [one.did for one in self.people]
        self.report.counted = editor.counted(survey) - before
        self.report.counted_expected = sum(
            one.finished_first and not one.withdrawn and not one.erased for one in did
        )
        self.report.waiting_before = editor.waiting()
        self.say("Staff read what was written ...")
        self.report.texts_read = editor.read_open_answers(at_most=60)

    def _tell(self, editor: Editor, survey: str) -> None:
        source = f"survey:{survey}"
        words = {
            "title": "The rehearsal",
            "decided": "This goes ahead.",
            "why": "Many of you said so.",
            "next_step": "We begin on Monday.",
            "signed_as": "Your neighbourhood manager",
        }
        self.say("Staff release a first answer, about what was chosen first ...")
        self._follow(editor, editor.answer(source, words, some=True))
        readers = [one for one in self.people if one.did.confirmed and not one.did.erased]
        leavers = [one for one in readers if one.chance.random() < 0.15]
        self._run_concurrently(leavers, Resident.unsubscribe)
        self.say("Staff release a second answer, to everybody who still waits ...")
        self._follow(editor, editor.answer(source, words, some=False))
        self.report.waiting_after = editor.waiting()

    def _follow(self, editor: Editor, told: ReleasedFollowUp) -> None:
        told = editor.watch(told, seconds=self.plan.patience)
        self.report.follow_ups.append({"audience": told.audience, "parts": told.parts, "labels": told.labels})
        if not told.adds_up:
            self.report.troubles.append(f"{told.url} does not add up")

    # --- the report -------------------------------------------------------------------------

    def _account(self) -> None:
        report, did = self.report, [one.did for one in self.people]
        report.finished = sum(one.finished_first for one in did)
        report.layers = sum(one.layers for one in did)
        report.texts = sum(len(one.texts) for one in did)
        report.resumed = sum(one.resumed for one in did)
        report.double_taps = sum(one.double_taps for one in did)
        report.offers = sum(one.offered for one in did)
        report.addresses = sum(bool(one.address) for one in did)
        report.confirmed = sum(one.confirmed for one in did)
        report.withdrawn = sum(one.withdrawn for one in did)
        report.erased = sum(one.erased for one in did)
        report.unsubscribed = sum(one.unsubscribed_at is not None for one in did)
        report.troubles += [f"resident {one.number}: {one.trouble}" for one in did if one.trouble]
        seconds = sorted(second for one in did for second in one.seconds)
        report.requests = len(seconds)
        if seconds:
            report.seconds_p50 = round(seconds[len(seconds) // 2], 3)
            report.seconds_p95 = round(seconds[int(len(seconds) * 0.95)], 3)
        self._check_mail(did)

    def _check_mail(self, did: list[ResidentRecord]) -> None:
        """Each Message-ID arrives once, and never at a resident who unsubscribed, withdrew or did not confirm."""
        report = self.report
        people = {one.address: one for one in did if one.address}
        # People who answered before the rehearsal may get mail meanwhile; that is not counted here.
        told = [
            one
            for one in self.sink.letters
            if one.recipient in people and PRIVATE_ITEM_PATTERN.search(one.text)
        ]
        report.mails_received = len(told)
        report.mails_expected = sum(
            count
            for follow_up in report.follow_ups
            for label, count in zip(follow_up["labels"], follow_up["parts"], strict=True)
            if label.startswith(("sent", "delivered"))
        )
        per_id = Counter((letter.recipient, letter.message_id) for letter in told)
        report.doubled = sum(count - 1 for count in per_id.values())
        report.lost = max(0, report.mails_expected - len(per_id))
        for letter in told:
            one = people[letter.recipient]
            if not one.confirmed:
                report.to_unconfirmed += 1
            elif one.unsubscribed_at is not None and letter.received_at > one.unsubscribed_at:
                report.after_unsubscribing += 1

    def _run_concurrently(self, people: list[Resident], act: Callable[[Resident], Any]) -> None:
        with ThreadPoolExecutor(self.plan.at_once) as pool:
            list(pool.map(lambda one: one.attempt(lambda: act(one)), people))
