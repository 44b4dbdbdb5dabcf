"""What the outbox is doing, and why somebody did, or did not, get a mail."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Min
from django.utils import timezone

from accounts.models import Contact, Receipt, User
from feedback.models import Heartbeat, Message
from feedback.services import pump, quarantine
from feedback.services.recover import somebody_works
from feedback.states import MessageState
from neighbourhoods.errors import DomainError


class Command(BaseCommand):
    help = (
        "Shows the outbox. --hold and --release stop and start all mail; "
        "--message and --receipt explain what became of one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--hold", metavar="WHY", help="nothing leaves until it is released")
        what.add_argument("--release", metavar="WHY", help="you looked; mail may leave again")
        what.add_argument("--message", metavar="ID", help="number or Message-ID")
        what.add_argument("--receipt", metavar="ID", help="everything about one receipt")
        parser.add_argument(
            "--by", metavar="E-MAIL", help="the colleague who decides (for --hold and --release)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["message"]:
            self.explain(find_message(options["message"]))
        elif options["receipt"]:
            self.explain_receipt(options["receipt"])
        elif options["hold"]:
            held = quarantine.hold(reason=options["hold"], by=find_user(options["by"]))
            self.stdout.write("The outbox is on hold." if held else "The outbox was on hold already.")
        elif options["release"]:
            try:
                quarantine.release(by=find_user(options["by"]), note=options["release"])
            except DomainError as error:
                raise CommandError(str(error)) from error
            self.stdout.write("Mail may leave again.")
        else:
            self.show()

    def show(self) -> None:
        box, now = quarantine.outbox(), timezone.now()
        if box.quarantined_at:
            self.stdout.write(f"ON HOLD since {box.quarantined_at:%Y-%m-%d %H:%M} UTC: {box.reason}")
        self.stdout.write(f"Epoch {box.epoch}, file {quarantine.read_epoch_file()}")
        counts = dict(Message.objects.values_list("state").annotate(n=Count("pk")).order_by("state"))
        for state in MessageState:
            if number := counts.get(state.value, 0):
                self.stdout.write(f"{state.value:14}{number:8}")
        if oldest := Message.objects.due(now).order_by().aggregate(at=Min("next_attempt_at"))["at"]:
            self.stdout.write(f"Oldest due: {int((now - oldest).total_seconds())} s ago")
        if pump.is_resting(now=now):
            note = Heartbeat.objects.filter(name=pump.RELAY).values_list("note", flat=True).first()
            self.stdout.write(f"The relay is left alone for a moment: {note}")
        self.stdout.write("Jobs run." if somebody_works(now=now) else "NO JOBS RUN: start runjobs or celery.")
        if people := Message.objects.for_a_person().count():
            self.stdout.write(f"{people} wait for a person (failed, bounced or uncertain).")

    def explain(self, message: Message) -> None:
        """Everything but the address and the words."""
        self.stdout.write(f"Message {message.pk}, {message.get_purpose_display()}, {message.message_id}")
        self.stdout.write(f"  queued   {moment(message.created_at)}")
        for attempt in message.tries.order_by("at", "pk"):
            self.stdout.write(
                f"  tried    {moment(attempt.at)}  {attempt.code or 'no answer'} {attempt.said}"
            )
        for event in message.events.order_by("at", "pk"):
            self.stdout.write(f"  told     {moment(event.at)}  {event.kind} {event.detail}")
        if message.state == MessageState.PENDING:
            self.stdout.write(f"  next     {moment(message.next_attempt_at)}")
        why = f": {message.resolution}" if message.resolution else ""
        self.stdout.write(f"  is now   {message.get_state_display()}{why}")

    def explain_receipt(self, pk: str) -> None:
        try:
            receipt = Receipt.objects.get(pk=UUID(pk))
        except (Receipt.DoesNotExist, ValueError) as error:
            raise CommandError("There is no such receipt (any more); it may have been erased.") from error
        contact = Contact.objects.filter(receipt=receipt).first()
        self.stdout.write(how_reached(contact))
        items = receipt.items.select_related("follow_up").order_by("pk")
        for item in items:
            shown = "withdrawn before it was handed out" if item.cancelled else "on their page"
            self.stdout.write(f"Follow-up {item.follow_up_id}: {shown} since {moment(item.created_at)}")
        for message in receipt.messages.order_by("pk"):
            self.explain(message)


def how_reached(contact: Contact | None) -> str:
    if contact is None:
        return "No address: answered on their page alone."
    if contact.unsubscribed_at:
        return f"Unsubscribed {moment(contact.unsubscribed_at)}."
    if contact.confirmed_at is None:
        return f"An address since {moment(contact.created_at)}, not confirmed."
    return f"An address, confirmed {moment(contact.confirmed_at)}."


def moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"


def find_message(what: str) -> Message:
    found = (
        Message.objects.filter(pk=int(what)) if what.isdigit() else Message.objects.filter(message_id=what)
    )
    if message := found.first():
        return message
    raise CommandError("There is no such message; that of an erased receipt is gone with it.")


def find_user(address: str | None) -> User:
    """Holding without a person means a restore; so a person must say who they are."""
    user = User.objects.filter(email__iexact=address or "").first()
    if user is None:
        raise CommandError("Say who decides, with the e-mail address of a colleague: --by editor@…")
    return user
