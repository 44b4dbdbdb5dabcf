"""Erasing is proven: somebody who used every way there is presses the button, and everything that is kept is searched.

Each way has words and an address of its own, so that whatever stays behind tells where it came from.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from accounts.codes import new_code
from accounts.models import Contact, Event, Receipt
from core.keyed import code_hash
from feedback.answers.services import letters_by_post, release, replies
from feedback.contacts.services import hearing_back
from feedback.contributions.services import contributions, listening
from feedback.contributions.services.contributions import ContributionRecorder, Subject
from feedback.delivery.services import guards, inbox, outbox, pump
from feedback.models import (
    Contribution,
    FollowUpItem,
    Incoming,
    Message,
)
from feedback.private import services as private
from feedback.states import ContributionKind, Reading
from initiatives.challenges import services as challenges
from initiatives.initiatives.services import beginning, running
from initiatives.needs.services import notes
from surveys.models import Export, PaperEntry, PaperForm, Response, Statement
from surveys.results.services import exports
from surveys.states import ExportForm, ExportState
from tests import erased
from tests.feedback.factories import (
    make_contact,
    make_debt,
    make_follow_up,
    make_incoming,
    make_receipt,
    make_topic,
)
from tests.feedback.journey import page_of
from tests.feedback.returned_mails import reply
from tests.feedback.sinks import Sink
from tests.initiatives.factories import (
    make_gift,
    make_idea,
    make_match,
    make_meeting,
    make_picture,
    make_task,
)
from tests.people import make_area, make_municipality, make_root, make_theme, make_user
from tests.surveys.paper import first_answers, make
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Someone:
    """One receipt, what opens it, and what was left with it."""

    receipt: Receipt
    words: list[str]
    address: str
    code: str = field(default_factory=new_code)

    def __post_init__(self) -> None:
        Receipt.objects.filter(pk=self.receipt.pk).update(code_hash=code_hash(self.code))
        self.receipt.refresh_from_db()

    @property
    def needles(self) -> list[str]:
        ids = [str(self.receipt.pk), self.receipt.pk.hex, self.receipt.code_hash, self.code]
        return [*self.words, *([self.address] if self.address else []), *ids]

    def leave_address(self) -> None:
        contact = hearing_back.leave_address(
            receipt=self.receipt, email=self.address, is_16_or_older=True, consent_sentence="Ja."
        )
        hearing_back.confirm_address(receipt=self.receipt, key=hearing_back.confirm_key(contact))


@pytest.fixture
def sink(settings):
    with Sink() as server:
        settings.EMAIL_URL = server.url
        settings.SMTP_TIMEOUT = 5
        settings.HOLD_SECONDS = 0
        yield server


@pytest.fixture
def town(sink, settings):
    """A municipality where somebody works in every role there is, and a survey is open."""
    make_root()
    make_municipality(backup_days=30, phone="14 099")
    area = make_area("Oosterhaven")
    editor = make_user("editor", area, title="wijkmanager")
    coordinator = make_user("coordinator", area, title="coordinator")
    survey = make_survey(areas=[area], owner=editor, theme=make_theme("groen"))
    guards.outbox_may_send()
    settings.INBOX_ADDRESS = "antwoord@waterdam.example"
    return Town(area, editor, coordinator, survey)


@dataclass
class Town:
    area: object
    editor: object
    coordinator: object
    survey: object


# --- every way in -----------------------------------------------------------------------------


def by_poll(town: Town, settings, tmp_path) -> Someone:
    """Answers, writes, hears back, says no to it, writes a mail with a photo, agrees to be quoted, is exported."""
    client = Client()
    code = town.survey.channels.get(kind="link").code
    url = client.post(f"/p/{code}/begin/", {"submit_key": uuid4().hex}).url
    done = 0
    while done < 12 and "/done/" not in url:
        done += 1
        page = client.get(url).content.decode()
        if "/q/" not in url:
            break
        name, _eq, rest = page.partition('class="nabij-option"')[2].partition('name="')[2].partition('"')
        value = rest.partition('value="')[2].partition('"')[0]
        url = client.post(url, {name: value} if name else {"go": "skip"}).url
    receipt = Response.objects.get().receipt
    someone = Someone(
        receipt,
        ["zandloperwoorden", "antwoordpermail", "schakelbordreden", "wachtendemail", "Zandloperwijk"],
        "peilingbewoner@example.nl",
    )
    topic = receipt.contributions.first().topic
    text = Contribution.objects.create(
        receipt=receipt, topic=topic, slot="77", kind=ContributionKind.TEXT, language="nl",
        text="Dit zijn zandloperwoorden in de Zandloperwijk.", masked_text="Dit zijn zandloperwoorden.",
    )  # fmt: skip
    make_debt(contribution=text, topic=topic, owner=town.editor)
    someone.leave_address()
    theme = make_theme("verkeer")
    listening.save_reading(
        contribution=text, seen=0, reading=Reading.CLEAR, themes=[theme], by=town.coordinator
    )
    text.refresh_from_db()
    listening.save_second_reading(contribution=text, seen=text.revision, themes=[theme], by=town.editor)
    contributions.allow_quoting(contribution=text, allowed=True)
    text.refresh_from_db()
    contributions.choose_quote(contribution=text, seen=text.revision, chosen=True, by=town.coordinator)
    question = town.survey.layers.get(order=1).questions.first()
    Statement.objects.create(
        question=question, contribution=text, state="through", decided_on=timezone.localdate()
    )
    tell(town, topic)
    message = Message.objects.get(receipt=receipt, purpose="follow_up")
    item = FollowUpItem.objects.get(receipt=receipt)
    replies.react(item=item, answers_me=False, reason="Een schakelbordreden.")
    back = outbox.reply_to(message)
    mail = reply("Een antwoordpermail.", sender=someone.address, to=back, about="", photo=True)
    come_in(settings, tmp_path, mail)
    make_incoming(receipt, text="Een wachtendemail.", from_address=someone.address)
    make_incoming(None, text="Nog een wachtendemail.", from_address=someone.address.upper())
    exported(town)
    Client().get(f"/b/{town.area.slug}/")  # a page that may be kept as drawn
    return someone


def tell(town: Town, topic) -> None:
    follow_up = make_follow_up(source=topic.source, key=topic.key, areas=[town.area], owner=town.editor)
    release.schedule_release(follow_up=follow_up, by=town.editor)
    pump.dispatch_due()
    assert FollowUpItem.objects.filter(follow_up=follow_up).exists()


def come_in(settings, tmp_path, mail: bytes) -> None:
    folder = tmp_path / "Maildir"
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "new" / "1.host").write_bytes(mail)
    settings.INBOX_URL = f"maildir://{folder}"
    assert inbox.read_mailbox() == 1 and Incoming.objects.get().state == "taken"


def exported(town: Town) -> None:
    exports.name_colleague(survey=town.survey, user=town.editor, by=town.editor)
    for form in (ExportForm.CSV, ExportForm.XLSX):
        exports.ask_export(
            survey=town.survey, form=form, version=None, with_words=True, reason="Onderzoek", by=town.editor
        )
    exports.run_export_jobs()
    assert Export.objects.filter(state=ExportState.MADE).count() == 2


def by_paper(town: Town, *_more) -> Someone:
    """A form that a colleague typed over and that waits for a second look."""
    run = make(town.survey, forms=2, checked=2)
    form = run.made.order_by("number").first()
    receipt = form.receipt or make_receipt()
    PaperForm.objects.filter(pk=form.pk).update(receipt=receipt)
    values = {"answers": first_answers(run), "text": "Een papierenzin."}
    PaperEntry.objects.create(form=form, by=town.editor, time=1, values=values)
    return Someone(receipt, ["papierenzin"], "")


def by_following(town: Town, *_more) -> Someone:
    contact = hearing_back.follow_area(
        area=town.area, email="volger@example.nl", language="nl", is_16_or_older=True, consent_sentence="Ja."
    )
    hearing_back.confirm_address(receipt=contact.receipt, key=hearing_back.confirm_key(contact))
    hearing_back.notify_followers_of_question(
        subject="survey:99",
        title={"nl": "Nieuwe vraag"},
        lead={"nl": "Vier vragen"},
        areas=[town.area.pk],
        path="/p/x/",
    )
    pump.dispatch_due()
    return Someone(contact.receipt, [], "volger@example.nl")


def by_offer(town: Town, *_more) -> Someone:
    offer = make_gift(
        town.area,
        owner=town.coordinator,
        words="Een aanbodzaal.",
        party_name="Stichting Vindmij",
        conditions="Voorwaardenzin",
    )
    Contact.objects.filter(receipt=offer.receipt).update(email="aanbieder@example.nl", phone="0611223344")
    make_match(offer)
    return Someone(
        offer.receipt,
        ["aanbodzaal", "Stichting Vindmij", "Voorwaardenzin", "0611223344"],
        "aanbieder@example.nl",
    )


def by_idea(town: Town, *_more) -> Someone:
    idea = beginning.Idea(why="Om een ideereden.", what="Wij doen ideewerk.", who="Met ideeburen.")
    initiative, _code = beginning.submit_idea(
        idea=idea, theme=make_theme("spelen"), area=town.area, language="nl", sent_key=uuid4()
    )
    make_meeting(initiative, where="Bij Ideestraat 4", is_read=False)
    make_picture(initiative, is_read=False)
    someone = Someone(
        initiative.receipt, ["ideereden", "ideewerk", "ideeburen", "Ideestraat"], "idee@example.nl"
    )
    someone.leave_address()
    return someone


def by_request(town: Town, *_more) -> Someone:
    asked = challenges.ChallengeRequest(
        task="Een verzoektaak.", better="Een verzoekreden.", who="Verzoekburen.", support="Verzoeksteun.",
        applicant="group", budget=100, theme=None,
    )  # fmt: skip
    made, _code = challenges.submit_challenge(
        area=town.area, challenge_request=asked, language="nl", submit_key=uuid4().hex
    )
    return Someone(made.receipt, ["verzoektaak", "verzoekreden", "verzoekburen", "verzoeksteun"], "")


def by_talk(town: Town, *_more) -> Someone:
    note, _code = notes.create_note(
        area=town.area,
        talk_note=notes.TalkNote(wish="Een gesprekswens."),
        language="nl",
        sent_key=uuid4(),
        by=town.coordinator,
    )
    return Someone(note.receipt, ["gesprekswens"], "")


def by_task(town: Town, *_more) -> Someone:
    task = make_task(make_idea(town.area, state="running", public_on=timezone.localdate()))
    receipt, code = running.take_task(task=task, submit_key=uuid4().hex, language="nl")
    someone = Someone(receipt, [], "klusser@example.nl", code)
    someone.leave_address()
    return someone


def by_letter(town: Town, *_more) -> Someone:
    """Hears back by post: a letter to them is made, and nobody took it yet."""
    contact = make_contact(email="", postal="Jannie Vindbaar\nVindstraat 12\n1234 AB  WATERDAM")
    debt = make_debt(make_topic(area=town.area), receipt=contact.receipt, owner=town.editor)
    tell(town, debt.topic)
    letters_by_post.start_letter_batch(by=make_user("administrator"))
    letters_by_post.LetterBatchJob.run_all()
    assert letter_files(), "a letter was made"
    return Someone(contact.receipt, ["Jannie Vindbaar", "Vindstraat 12"], "")


def letter_files() -> list[Path]:
    """What is set in a PDF can't be searched: the file itself has to go, or be made without them."""
    return [path for path in settings.DATA_DIR.rglob("*") if path.is_file() and "letter" in str(path)]


def by_text(town: Town, settings, _tmp_path) -> Someone:
    """Got a text, of which a copy lies in the mailbox while Nabij is tried out."""
    settings.SMS_URL, settings.SMS_FROM, settings.SMS_UNTIL = "console://", 0, 24
    settings.SMS_PER_MINUTE = 1_000_000
    contact = make_contact(email="", mobile="+31687654321", phone="0687654321")
    debt = make_debt(make_topic(area=town.area), receipt=contact.receipt, owner=town.editor)
    tell(town, debt.topic)
    assert pump.send_sms() == 1
    return Someone(contact.receipt, ["687654321"], "")


WAYS: list[Callable[..., Someone]] = [
    by_poll, by_paper, by_letter, by_text, by_following, by_offer, by_idea, by_request, by_talk, by_task,
]  # fmt: skip


# --- and out ----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nothing_is_left_anywhere(way, town, settings, tmp_path):
    someone = way(town, settings, tmp_path)
    before = erased.found(someone.needles)
    for needle in [*someone.words, someone.address]:
        assert not needle or any(needle in line for line in before), f"{needle} was never there"

    answer = Client().post(f"{page_of(someone.receipt)}erase/", {"code": someone.code})

    number = Event.objects.get(verb="erased").pk
    assert answer.status_code == 200 and f"W-{number}" in answer.content.decode(), "the receipt of erasure"
    assert erased.found(someone.needles) == [] and not letter_files()
    assert Client().post("/v/", {"code": someone.code}).status_code != 302
    pump.dispatch_due()
    assert erased.found(someone.needles) == []


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_download_holds_every_word(way, town, settings, tmp_path):
    """As a file and to read, without an account: whatever was said and left is in both."""
    someone = way(town, settings, tmp_path)
    url, fields = f"{page_of(someone.receipt)}download/", {"code": someone.code}
    file = Client().post(url, fields | {"as": "file"}).content
    everything = json.dumps(json.loads(file), ensure_ascii=False)
    to_read = Client().post(url, fields | {"as": "page"}).content.decode()
    for needle in [*someone.words, someone.address]:
        assert needle.lower() in everything.lower(), needle
        assert needle.lower() in to_read.lower(), needle


@pytest.mark.parametrize("action", ["withdraw", "put_back"])
def test_withdrawing_takes_it_out_of_every_place_where_others_read_it(action, town, settings, tmp_path):
    someone = by_poll(town, settings, tmp_path)
    page = f"{page_of(someone.receipt)}withdraw/"
    Client().post(page, {"action": "withdraw"})
    if action == "put_back":
        Client().post(page, {"action": "put_back"})
    places = {line.partition(":")[0] for line in erased.found(["zandloperwoorden"])}
    # It can be put back for thirty days, so the words stay where they were said; nowhere else.
    on_disk = {place for place in places if place.endswith("sqlite3") or "test" in place}
    assert places - on_disk == {"feedback_contribution.text", "feedback_contribution.masked_text"}
    assert not Export.objects.exclude(key=b"").exists(), "a file that may hold it is gone"
    shown = "zandloperwoorden" in Client().get(f"/b/{town.area.slug}/").content.decode()
    assert shown == (action == "put_back" and Contribution.objects.filter(quoted_on__isnull=False).exists())


# --- nothing is forgotten ---------------------------------------------------------------------

# What hangs on a receipt and is not in the download: nothing that its holder said, and what it says stands elsewhere.
NOT_TOLD = {
    "feedback.NamedDebt": "which answer names which thing: both are told",
    "feedback.ContributionTheme": "told as the themes of what was said",
    "feedback.SecondReading": "how two colleagues filed a text: about their work",
    "feedback.DeliveryAttempt": "what a mail server said: how the mail stands is told",
    "feedback.DeliveryEvent": "as above",
    "initiatives.NeedLink": "what a colleague connected: about needs",
    "initiatives.NeedSource": "as above",
    "initiatives.VolunteerRole": "stands on the public page of what they began",
    "surveys.Invitation": "whether a mail invited them: the address stands under how we reach you",
    "surveys.Statement": "that neighbours read it is told with what was said",
}

# Under which heading of the download each of the others is told.
TOLD = {
    "accounts.Contact": "How we reach you",
    "feedback.AnswerOwed": "What we owe you",
    "feedback.Contribution": "What you said",
    "feedback.FollowUpItem": "What we answered",
    "feedback.Following": "What you follow",
    "feedback.Incoming": "Mail of yours that a colleague still has to read",
    "feedback.FulfilmentCheck": "What we answered",
    "feedback.Message": "Mail to you",
    "feedback.Reaction": "What we answered",
    "initiatives.Challenge": "Your request to take over a task",
    "initiatives.Clearance": "Your offer",
    "initiatives.Initiative": "What you began",
    "initiatives.Match": "What was proposed to you",
    "initiatives.Meeting": "What you began",
    "initiatives.Note": "What you told us in a talk",
    "initiatives.Offer": "Your offer",
    "initiatives.Picture": "What you began",
    "initiatives.Task": "What you took on",
    "initiatives.Update": "What you began",
    "surveys.PaperEntry": "Your form",
    "surveys.PaperForm": "Your form",
    "surveys.Response": "Your answers",
}


def hangs_on_a_receipt() -> set[str]:
    """Every model from which foreign keys lead to a receipt, over however many others."""
    reached, found = {Receipt}, set()
    while True:
        more = {
            model
            for model in apps.get_models()
            if model not in reached
            and any(field.related_model in reached for field in model._meta.concrete_fields)
        }
        if not more:
            return found
        reached |= more
        found |= {model._meta.label for model in more}


def test_every_model_that_hangs_on_a_receipt_is_told_or_says_why_not():
    assert hangs_on_a_receipt() == set(TOLD) | set(NOT_TOLD) and not set(TOLD) & set(NOT_TOLD)


def test_every_heading_is_in_the_download_of_somebody(town, settings, tmp_path):
    receipts = [way(town, settings, tmp_path).receipt for way in WAYS]
    with translation.override("en"):
        headings = {
            heading for receipt in receipts for heading, told in private.download(receipt).items() if told
        }
    assert set(TOLD.values()) <= headings


def test_other_words_in_their_place_leave_nothing_of_the_old_ones(town, settings, tmp_path):
    """Corrected: the old words are gone at once; a sealed file that somebody took keeps them until its day is over."""
    someone = by_poll(town, settings, tmp_path)
    said = Contribution.objects.get(slot="77")
    topic = said.topic
    booking = ContributionRecorder(
        receipt=someone.receipt.pk, source=topic.source, area=topic.area_id, language="nl", day=said.said_on
    )
    subject = Subject(topic.key, topic.title, topic.question)
    booking.store_text(slot="77", subject=subject, text="Iets heel anders.", is_new=False)
    said.refresh_from_db()
    assert (said.reading, said.may_quote_since, said.quoted_on) == (Reading.UNREAD, None, None)
    places = erased.found(["zandloperwoorden"])
    assert all(place.startswith("export ") for place in places), places
    for export in Export.objects.all():
        exports.destroy_export(export=export, by=None)
    assert erased.found(["zandloperwoorden"]) == []
