"""Shows the outbox, and explains why somebody did, or did not, get a mail."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from django.utils import timezone, translation

from accounts.models import Receipt, User
from core.errors import DomainError
from feedback.answers.services import explain
from feedback.delivery.services import guards, pump
from feedback.delivery.services.delivery import due_seconds, health
from feedback.models import FollowUp, Heartbeat, Incoming, Message
from feedback.states import MessageState


class Command(BaseCommand):
    help = (
        "Shows the outbox. --hold and --release stop and start all mail; "
        "--follow-up adds up an answer; --message, --receipt and --address explain why somebody got, "
        "or did not get, something."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--hold", metavar="WHY", help="nothing leaves until it is released")
        what.add_argument("--release", metavar="WHY", help="you looked; mail may leave again")
        what.add_argument("--message", metavar="ID", help="number or Message-ID")
        what.add_argument(
            "--follow-up", metavar="NUMBER", help="what became of everybody an answer addressed"
        )
        what.add_argument("--receipt", metavar="ID", help="everything about one receipt")
        what.add_argument(
            "--address", metavar="E-MAIL", help="everything that went, or did not, to one address"
        )
        parser.add_argument(
            "--by", metavar="E-MAIL", help="the colleague who decides (for --hold and --release)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["message"]:
            self.tell(explain.explain_message(find_message(options["message"])))
        elif options["follow_up"]:
            self.tell(explain.explain_follow_up(find_follow_up(options["follow_up"])))
        elif options["receipt"]:
            self.explain_receipt(options["receipt"])
        elif options["address"]:
            self.tell(explain.explain_address(options["address"]))
        elif options["hold"]:
            held = guards.hold_outbox(reason=options["hold"], by=find_user(options["by"]))
            self.stdout.write("The outbox is on hold." if held else "The outbox was on hold already.")
        elif options["release"]:
            try:
                guards.release_outbox(by=find_user(options["by"]), note=options["release"])
            except DomainError as error:
                raise CommandError(str(error)) from error
            self.stdout.write("Mail may leave again.")
        else:
            self.show()

    def show(self) -> None:
        now = timezone.now()
        guards.outbox_may_send(
            now=now
        )  # after a restore this may be the first check; it starts the quarantine
        box = guards.outbox_epoch()
        if box.quarantined_at:
            self.stdout.write(f"ON HOLD since {box.quarantined_at:%Y-%m-%d %H:%M} UTC: {box.reason}")
        self.stdout.write(f"Epoch {box.epoch}, file {guards.read_epoch_file()}")
        counts = dict(Message.objects.values_list("state").annotate(n=Count("pk")).order_by("state"))
        for state in MessageState:
            if number := counts.get(state.value, 0):
                self.stdout.write(f"{state.value:14}{number:8}")
        found = health(now=now)
        if waits := due_seconds(now):
            self.stdout.write(f"Oldest due: {waits} s ago")
        if pump.circuit_is_open(now=now):
            note = Heartbeat.objects.filter(name=guards.RELAY_SERVICE).values_list("note", flat=True).first()
            self.stdout.write(f"The relay is left alone for a moment: {note}")
        if found.inbox:
            self.stdout.write(f"The mailbox can't be read: {found.inbox}")
        self.stdout.write("NO JOBS RUN: start runjobs or celery." if found.silent else "Jobs run.")
        if people := Message.objects.needing_person().count():
            self.stdout.write(f"{people} wait for a person (failed, bounced or uncertain).")
        if mails := Incoming.objects.waiting().count():
            self.stdout.write(f"{mails} mails that came in wait for a person.")

    def explain_receipt(self, pk: str) -> None:
        try:
            receipt = Receipt.objects.get(pk=UUID(pk))
        except (Receipt.DoesNotExist, ValueError) as error:
            raise CommandError("There is no such receipt (any more); it may have been erased.") from error
        self.tell(explain.explain_receipt(receipt))

    def tell(self, lines: Iterable[str]) -> None:
        with translation.override("en"):  # one language for the whole sentence
            for line in lines:
                self.stdout.write(line)


def find_message(what: str) -> Message:
    found = (
        Message.objects.filter(pk=int(what)) if what.isdigit() else Message.objects.filter(message_id=what)
    )
    if message := found.first():
        return message
    raise CommandError("There is no such message; that of an erased receipt is gone with it.")


def find_follow_up(number: str) -> FollowUp:
    if number.isdigit() and (found := FollowUp.objects.filter(pk=int(number)).first()):
        return found
    raise CommandError("There is no such follow-up; its number stands in its address on the desk.")


def find_user(address: str | None) -> User:
    """The colleague with this address; raises CommandError if unknown. Holding without a person means a
    restore, so one is required."""
    user = User.objects.filter(email__iexact=address or "").first()
    if user is None:
        raise CommandError("Say who decides, with the e-mail address of a colleague: --by editor@…")
    return user
