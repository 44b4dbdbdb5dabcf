"""Actions of the follow-up section, run inside a house: `python -m bench.sending <action> <people>`."""

import json
import os
import sys
import time
from uuid import uuid4

import django
from django.conf import settings


def release(people: int) -> None:
    """So many people chose one option and left a confirmed address; an answer to them is released."""
    from django.utils import timezone

    from accounts.models import Contact, Receipt, User
    from accounts.states import ReceiptPurpose
    from feedback.answers.services.release import schedule_release
    from feedback.models import AnswerOwed, Contribution, FollowUp, Topic
    from feedback.states import ContributionKind, Outcome
    from neighbourhoods.models import Area

    editor = User.objects.get(email__startswith="editor@")
    area, today, key = (
        Area.objects.get(name="De Linde"),
        timezone.localdate(),
        f"option:bench-{uuid4().hex[:8]}",
    )
    names = {"nl": "ontmoeten", "en": "meeting"}
    topic = Topic.objects.create(source="survey:1", key=key, area=area, title=names, question=names)
    receipts = Receipt.objects.bulk_create(
        Receipt(purpose=ReceiptPurpose.PARTICIPATION, code_hash=uuid4().hex * 2, language="nl")
        for _person in range(people)
    )
    Contact.objects.bulk_create(
        Contact(
            receipt=receipt, email=f"{receipt.pk.hex}@example.org", is_16_or_older=True, consent="Ja.",
            confirmed_at=timezone.now(),
        )
        for receipt in receipts
    )  # fmt: skip
    said = Contribution.objects.bulk_create(
        Contribution(receipt=r, topic=topic, slot="1:1", kind=ContributionKind.CHOICE, language="nl")
        for r in receipts
    )
    AnswerOwed.objects.bulk_create(
        AnswerOwed(
            receipt=one.receipt, contribution=one, topic=topic, owner=editor, since=today, due_on=today
        )
        for one in said
    )
    words = {
        "nl": "Dit gaat door. Vanaf 1 juni is het Sluishuis ook 's avonds open, eerst voor een jaar.",
        "en": "This goes ahead. From 1 June the Sluishuis is open in the evening, for a year at first.",
    }
    follow_up = FollowUp.objects.create(
        audience={"source": "survey:1", "key": key, "theme": None, "areas": [area.pk]}, owner=editor,
        title=names, outcome=Outcome.ADOPTED, decided=words, why=words, next_step=words,
        signed_as={"nl": "uw wijkmanager", "en": "your neighbourhood manager"},
    )  # fmt: skip
    follow_up.areas.set([area])
    begun = time.perf_counter()
    schedule_release(follow_up=follow_up, by=editor)
    print(time.perf_counter() - begun)


def let_go(_people: int) -> None:
    """The hold of what was released ends now."""
    from django.utils import timezone

    from feedback.models import FollowUp
    from feedback.states import FollowUpState

    FollowUp.objects.filter(state=FollowUpState.HOLD).update(hold_until=timezone.now())


def account(people: int) -> None:
    """Prints the sum of the answer, and the Message-IDs of its mails that count as sent."""
    from dataclasses import asdict

    from feedback.answers.services.reckoning import count_delivery
    from feedback.models import AnswerOwed, FollowUp, Message

    follow_up = FollowUp.objects.get(addressed=people)
    mails = Message.objects.filter(items__follow_up=follow_up)
    fan_out = (follow_up.fanned_out_at - follow_up.hold_until).total_seconds()
    begun, ended = (
        mails.order_by(f"{sign}settled_at").values_list("settled_at", flat=True)[0] for sign in ("", "-")
    )
    told = {
        "sum": asdict(count_delivery(follow_up)),
        "fan_out": fan_out,
        "sending": (ended - begun).total_seconds(),
        "alone": mails.filter(settled_at__gt=follow_up.fanned_out_at).count()
        / max(1.0, (ended - follow_up.fanned_out_at).total_seconds()),
        "owed": AnswerOwed.objects.filter(named_by__follow_up=follow_up, state="sent").count(),
        "ids": list(mails.filter(state="sent").values_list("message_id", flat=True)),
    }
    (settings.DATA_DIR / "account.json").write_text(json.dumps(told))


def clear(_people: int) -> None:
    """Send what the seeding left in the outbox."""
    from feedback.delivery.services.pump import dispatch_due

    dispatch_due()


def engine(people: int) -> None:
    """Prints seconds: from the end of the hold until the relay took every mail."""
    from feedback.delivery.services.pump import dispatch_due

    begun, sent = time.perf_counter(), 0
    while sent < people and time.perf_counter() - begun < 120:
        sent += dispatch_due()
    assert sent == people, f"The engine sent {sent} of {people}."
    print(time.perf_counter() - begun)


def plain(people: int) -> None:
    """Prints seconds: Django's own mail, of the same words, over one connection that stays open."""
    from django.core.mail import EmailMultiAlternatives, get_connection

    from bench.servers import step_back
    from core.jobs import lower_process_priority

    if settings.HOLD_SECONDS:  # beside the web, as a job would
        os.setsid()
        step_back("self")
        lower_process_priority()
    letter = json.loads((settings.DATA_DIR / "letter.json").read_text())
    where = settings.EMAIL_URL.removeprefix("smtp://").split(":")
    backend = "django.core.mail.backends.smtp.EmailBackend"
    begun = time.perf_counter()
    with get_connection(backend, host=where[0], port=int(where[1])) as connection:
        for number in range(people):
            mail = EmailMultiAlternatives(
                letter["subject"], letter["text"], to=[f"plain-{number}@example.org"], connection=connection
            )
            mail.attach_alternative(letter["html"], "text/html")
            mail.send()
    print(time.perf_counter() - begun)


ACTIONS = {
    "clear": clear,
    "release": release,
    "let-go": let_go,
    "engine": engine,
    "account": account,
    "plain": plain,
}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    ACTIONS[sys.argv[1]](int(sys.argv[2]))
