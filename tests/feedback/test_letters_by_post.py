"""Answers by letter: put together, taken once, noted as posted; nobody's own words in them, and nobody lost."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Event
from accounts.states import DeliveryChannel, HowOften
from core.errors import DomainError, InvalidTransition
from core.paper import TypesettingError, compile_pdf
from feedback.answers.services import letters_by_post
from feedback.answers.services.reckoning import actual_costs, count_delivery, items_per_carrier
from feedback.contacts.services import hearing_back
from feedback.delivery import paper
from feedback.delivery.services import delivery, guards, pump
from feedback.models import AnswerOwed, FollowUp, LetterBatch, Message
from feedback.private import services as private
from feedback.retention import end_letters
from feedback.states import BatchState, DeliveryKind, MessageState, Owed, Reading
from tests.feedback.audiences import make_owner, released
from tests.feedback.factories import make_contact, make_contribution, make_debt, make_receipt, make_topic
from tests.feedback.journey import page_of
from tests.pdfs import is_in_our_fonts
from tests.people import make_municipality, signed_in

OWN_WORDS = "Bij mij in de gang lekt het al jaren."


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def topic(area):
    return make_topic("option:31", area=area, title="Een plek om elkaar te ontmoeten")


def at_home(place: int) -> str:
    return f"\nKade {place}\n1234 AB  WATERDAM"


@pytest.fixture
def follow_up(topic, settings) -> FollowUp:
    """Three people left where they live, one of them with words of their own; one mail, one page alone."""
    guards.outbox_may_send()
    owner = make_owner()
    for place in (1, 2, 3):
        receipt = make_contact(email="", postal=at_home(place)).receipt
        make_debt(topic, receipt=receipt, owner=owner)
        if place == 1:
            said = make_contribution(topic, receipt=receipt, text=OWN_WORDS, reading=Reading.CLEAR, slot="9")
            make_debt(topic, contribution=said, owner=owner)
    make_debt(topic, receipt=make_contact().receipt, owner=owner)
    make_debt(topic, receipt=make_receipt(), owner=owner)
    return released(topic, owner, settings)


@pytest.fixture
def batch(follow_up, administrator) -> LetterBatch:
    made = letters_by_post.start_letter_batch(by=administrator)
    letters_by_post.run_letter_batch_jobs()
    made.refresh_from_db()
    return made


@pytest.fixture(autouse=True)
def printed(monkeypatch) -> list[list[dict]]:
    """What was set on paper, one list per file; it is set for real as well."""
    found = []

    def keep(template, inputs):
        found.append(json.loads(inputs["letters"]))
        return compile_pdf(template, inputs)

    monkeypatch.setattr(paper, "compile_pdf", keep)
    return found


def houses(letters: list[dict]) -> list[str]:
    return [letter["to"][1] for letter in letters]


def reader(place: int):
    return Contact.objects.get(postal=at_home(place)).receipt


def letters(*states: str) -> int:
    return Message.objects.filter(carrier=DeliveryChannel.LETTER, state__in=states).count()


# --- leaving where one lives -----------------------------------------------------------------------


def test_an_address_counts_at_once_and_asks_nobody(municipality):
    receipt = make_receipt()
    contact = hearing_back.leave_address(
        receipt=receipt, postal=at_home(1), is_16_or_older=True, consent_sentence="Ja."
    )
    assert contact.confirmed_at and not Message.objects.exists()
    assert "Kade 1" in str(private.download(receipt))


# --- the way of a letter --------------------------------------------------------------------------


def test_put_together_made_taken_and_posted(
    follow_up, batch, administrator, printed, django_capture_on_commit_callbacks
):
    assert batch.state == BatchState.MADE and batch.letters == 3
    path = letters_by_post.take_letters_file(batch=batch, by=administrator)
    assert is_in_our_fonts(path.read_bytes())
    assert sorted(houses(printed[-1])) == ["Kade 1", "Kade 2", "Kade 3"]
    assert all(letter["passages"][0]["texts"][0]["lead"] == "Dit gaat door." for letter in printed[-1])
    assert count_delivery(follow_up).pending == 4  # three letters and a mail
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            letters_by_post.note_posted(batch=batch, on=timezone.localdate(), by=administrator)
    total = count_delivery(follow_up)
    assert total.is_equal and total.sent == 3 and items_per_carrier(follow_up) == {"mail": 1, "letter": 3}
    assert AnswerOwed.objects.filter(state=Owed.SENT).count() == 4 and not path.exists()
    assert Event.objects.filter(verb="posted letters").count() == 1


def test_a_letter_says_no_words_of_its_reader(batch, printed):
    assert "lekt" not in str(printed) and all("/v/s/" in letter["url"] for letter in printed[-1])


def test_taken_once_and_once_more_with_a_reason(batch, administrator):
    letters_by_post.take_letters_file(batch=batch, by=administrator)
    with pytest.raises(InvalidTransition):
        letters_by_post.take_letters_file(batch=batch, by=administrator)
    with pytest.raises(DomainError):
        letters_by_post.allow_retake(batch=batch, by=administrator, note=" ")
    letters_by_post.allow_retake(batch=batch, by=administrator, note="The printer jammed.")
    assert letters_by_post.take_letters_file(batch=batch, by=administrator).exists()
    assert Event.objects.filter(verb="took letters").count() == 2


@pytest.mark.parametrize("days", [-1, 1])
def test_posted_on_a_day_that_can_be(batch, administrator, days):
    letters_by_post.take_letters_file(batch=batch, by=administrator)
    with pytest.raises(DomainError):
        letters_by_post.note_posted(
            batch=batch, on=timezone.localdate() + timedelta(days=days), by=administrator
        )
    assert letters("pending") == 3


def test_no_pump_takes_a_letter(follow_up, sink):
    pump.dispatch_due()
    pump.send_sms()
    assert letters("pending") == 3 and len(sink.mails) == 1


def test_none_wait(municipality, administrator):
    with pytest.raises(DomainError):
        letters_by_post.start_letter_batch(by=administrator)


def test_on_hold_no_letters_are_handed_out(batch, administrator):
    guards.hold_outbox(reason="A look first.", by=administrator)
    with pytest.raises(DomainError):
        letters_by_post.take_letters_file(batch=batch, by=administrator)
    assert LetterBatch.objects.get().state == BatchState.MADE


def test_a_database_that_forgot_letters_that_were_taken_is_found_out(
    batch, administrator, django_capture_on_commit_callbacks
):
    before = guards.outbox_epoch().epoch
    with django_capture_on_commit_callbacks(execute=True):
        letters_by_post.take_letters_file(batch=batch, by=administrator)
    assert guards.read_epoch_file() == guards.outbox_epoch().epoch > before
    assert guards.restore_reason(before, guards.read_epoch_file())


def test_pressed_twice_is_one_batch(follow_up, administrator):
    letters_by_post.start_letter_batch(by=administrator)
    with pytest.raises(DomainError):
        letters_by_post.start_letter_batch(by=administrator)


def test_two_answers_go_in_one_envelope(follow_up, topic, settings, administrator):
    other = make_topic("option:32", area=topic.area)
    make_debt(other, receipt=reader(1), owner=follow_up.owner)
    second = released(other, follow_up.owner, settings)
    assert letters("pending") == 3
    made = letters_by_post.start_letter_batch(by=administrator)
    letters_by_post.run_letter_batch_jobs()
    made.refresh_from_db()
    letters_by_post.take_letters_file(batch=made, by=administrator)
    letters_by_post.note_posted(batch=made, on=timezone.localdate(), by=administrator)
    assert count_delivery(second).sent == 1 and count_delivery(follow_up).sent == 3
    assert count_delivery(second).is_equal and count_delivery(follow_up).is_equal
    make_municipality(letter_price=130)
    assert [cost.cents for cost in actual_costs(second)] == [130]


def test_what_comes_while_it_is_printed_is_a_letter_of_its_own(batch, follow_up, topic, settings):
    other = make_topic("option:32", area=topic.area)
    make_debt(other, receipt=reader(1), owner=follow_up.owner)
    released(other, follow_up.owner, settings)
    assert letters("pending") == 4 and letters_by_post.count_waiting_letters() == 1


def test_another_reader_of_the_same_answer_settles_nothing_of_mine(follow_up, topic, settings, administrator):
    """Mine went out on my page alone; then I leave an address, and get another answer by letter with theirs."""
    page_only = AnswerOwed.objects.filter(receipt__contact=None).get().receipt
    hearing_back.leave_address(
        receipt=page_only, postal=at_home(9), is_16_or_older=True, consent_sentence="Ja."
    )
    other = make_topic("option:32", area=topic.area)
    make_debt(other, receipt=page_only, owner=follow_up.owner)
    released(other, follow_up.owner, settings)
    made = letters_by_post.start_letter_batch(by=administrator)
    letters_by_post.run_letter_batch_jobs()
    made.refresh_from_db()
    letters_by_post.take_letters_file(batch=made, by=administrator)
    letters_by_post.note_posted(batch=made, on=timezone.localdate(), by=administrator)
    states = dict(AnswerOwed.objects.filter(receipt=page_only).values_list("topic__key", "state"))
    assert states == {"option:31": Owed.PUBLISHED, "option:32": Owed.SENT}


# --- who goes meanwhile -----------------------------------------------------------------------------


def stop(receipt):
    hearing_back.unsubscribe(receipt=receipt)


def erase(receipt):
    private.erase(receipt=receipt)


def take_away(receipt):
    hearing_back.remove_address(receipt=receipt)


@pytest.mark.parametrize("go", [stop, erase, take_away])
def test_who_goes_before_it_was_taken_is_not_in_it(follow_up, batch, administrator, printed, go):
    go(reader(2))
    batch.refresh_from_db()
    if batch.state == BatchState.MADE:
        with pytest.raises(DomainError):  # made anew
            letters_by_post.take_letters_file(batch=batch, by=administrator)
    letters_by_post.run_letter_batch_jobs()
    batch.refresh_from_db()
    letters_by_post.take_letters_file(batch=batch, by=administrator)
    assert "Kade 2" not in houses(printed[-1]) and batch.letters == 2
    assert count_delivery(follow_up).is_equal


def test_erasing_takes_the_file_at_once(batch, folder, django_capture_on_commit_callbacks):
    assert list(folder.glob("letters/*/letters.pdf"))
    with django_capture_on_commit_callbacks(execute=True):
        private.erase(receipt=reader(2))
    assert not list(folder.glob("letters/*/letters.pdf"))


def test_everybody_went(batch, administrator):
    for place in (1, 2, 3):
        stop(reader(place))
    with pytest.raises(DomainError):
        letters_by_post.take_letters_file(batch=batch, by=administrator)
    letters_by_post.run_letter_batch_jobs()
    batch.refresh_from_db()
    assert batch.state == BatchState.DROPPED and letters("suppressed") == 3


def test_nobody_prints_them(follow_up, batch, administrator, django_capture_on_commit_callbacks, folder):
    with django_capture_on_commit_callbacks(execute=True):
        letters_by_post.drop(batch=batch, by=administrator)
    assert letters_by_post.count_waiting_letters() == 3 and not list(folder.glob("letters/*"))


def test_time_is_over_before_it_was_taken_they_wait_again(batch):
    end_letters(timezone.now() + timedelta(days=31), 30)
    batch.refresh_from_db()
    assert batch.state == BatchState.DROPPED and letters_by_post.count_waiting_letters() == 3


def test_time_is_over_and_nobody_knows_whether_they_were_posted(follow_up, batch, administrator):
    letters_by_post.take_letters_file(batch=batch, by=administrator)
    end_letters(timezone.now() + timedelta(days=31), 30)
    batch.refresh_from_db()
    assert batch.state == BatchState.LOST and letters("uncertain") == 3
    assert Message.objects.needing_person().count() == 3 and count_delivery(follow_up).is_equal


def test_not_made_for_want_of_a_font_can_be_tried_again(follow_up, administrator, monkeypatch):
    def refuse(*_said, **_more):
        raise TypesettingError("no font")

    made = letters_by_post.start_letter_batch(by=administrator)
    with monkeypatch.context() as patched:
        patched.setattr(letters_by_post, "letters_pdf", refuse)
        letters_by_post.run_letter_batch_jobs()
    made.refresh_from_db()
    assert made.state == BatchState.STUCK and made.trouble
    letters_by_post.requeue_batch(batch=made)
    letters_by_post.run_letter_batch_jobs()
    made.refresh_from_db()
    assert made.state == BatchState.MADE


def test_dead_between_the_file_and_its_note(follow_up, administrator, monkeypatch):
    """Killed after the PDF was kept: the next job makes it once more, and it is one batch."""
    made = letters_by_post.start_letter_batch(by=administrator)
    with monkeypatch.context() as patched:
        patched.setattr(letters_by_post.LetterBatchJob, "end", lambda *_said, **_more: True)
        letters_by_post.LetterBatchJob.take().work()
    LetterBatch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    letters_by_post.run_letter_batch_jobs()
    made.refresh_from_db()
    assert made.state == BatchState.MADE and LetterBatch.objects.count() == 1


def elsewhere(receipt, **changes):
    changes = changes or {"postal": at_home(9)}
    return hearing_back.leave_address(receipt=receipt, is_16_or_older=True, consent_sentence="Ja.", **changes)


@pytest.mark.parametrize("made", [True, False], ids=["made", "being-made"])
def test_who_moves_before_it_was_taken_gets_it_where_they_live_now(
    follow_up, administrator, printed, monkeypatch, made
):
    batch = letters_by_post.start_letter_batch(by=administrator)
    receipt = reader(2)
    if made:
        letters_by_post.run_letter_batch_jobs()
    elsewhere(receipt)
    letters_by_post.run_letter_batch_jobs()
    batch.refresh_from_db()
    if made:
        with pytest.raises(DomainError):  # made anew
            letters_by_post.take_letters_file(batch=batch, by=administrator)
        letters_by_post.run_letter_batch_jobs()
        batch.refresh_from_db()
    letters_by_post.take_letters_file(batch=batch, by=administrator)
    assert sorted(houses(printed[-1])) == ["Kade 1", "Kade 3"]
    assert letters("pending") == 3 and letters_by_post.count_waiting_letters() == 1
    letters_by_post.start_letter_batch(by=administrator)
    letters_by_post.run_letter_batch_jobs()
    assert houses(printed[-1]) == ["Kade 9"] and count_delivery(follow_up).is_equal


def test_who_gets_mail_from_now_on_gets_what_was_in_a_file_by_mail(follow_up, batch, administrator, sink):
    receipt = reader(2)
    contact = elsewhere(receipt, email="kade2@example.nl")
    pump.send_due()
    message = Message.objects.get(receipt=receipt, purpose="follow_up")
    assert (message.state, message.carrier, message.batch) == ("pending", DeliveryChannel.MAIL, None)
    hearing_back.confirm_address(receipt=receipt, key=hearing_back.confirm_key(contact))
    pump.send_due()
    assert AnswerOwed.objects.filter(receipt=receipt, state=Owed.SENT).exists()
    with pytest.raises(DomainError):
        letters_by_post.take_letters_file(batch=batch, by=administrator)
    assert letters("pending") == 2 and count_delivery(follow_up).is_equal


def test_what_was_taken_stays_what_it_is(follow_up, batch, administrator):
    letters_by_post.take_letters_file(batch=batch, by=administrator)
    elsewhere(reader(2))
    assert Message.objects.filter(batch=batch).count() == 3 and letters_by_post.count_waiting_letters() == 0
    letters_by_post.allow_retake(batch=batch, by=administrator, note="The printer jammed.")
    assert Message.objects.filter(batch=batch).count() == 2 and letters_by_post.count_waiting_letters() == 1
    with pytest.raises(DomainError):  # made anew, without their old house
        letters_by_post.take_letters_file(batch=batch, by=administrator)
    assert count_delivery(follow_up).is_equal


@pytest.mark.parametrize("moment", ["letters_pdf", "_keep"])
def test_who_erases_while_it_is_made_is_not_in_it(
    follow_up, administrator, printed, monkeypatch, folder, django_capture_on_commit_callbacks, moment
):
    """Before and after the file is there: who made it loses it, and it is made anew without them."""
    batch, gone = letters_by_post.start_letter_batch(by=administrator), reader(2)
    step = getattr(letters_by_post, moment)

    def erase_first(*said, **more):
        with django_capture_on_commit_callbacks(execute=True):
            private.erase(receipt=gone)
        return step(*said, **more)

    with monkeypatch.context() as patched:
        patched.setattr(letters_by_post, moment, erase_first)
        assert not (hand := letters_by_post.LetterBatchJob.take()).work() or moment == "_keep", hand
    batch.refresh_from_db()
    assert batch.state == BatchState.MAKING
    letters_by_post.run_letter_batch_jobs()
    batch.refresh_from_db()
    letters_by_post.take_letters_file(batch=batch, by=administrator)
    assert len(printed) == 2 and sorted(houses(printed[-1])) == ["Kade 1", "Kade 3"]


def test_erasing_takes_a_file_that_a_dead_process_left(
    follow_up, administrator, monkeypatch, folder, django_capture_on_commit_callbacks
):
    letters_by_post.start_letter_batch(by=administrator)
    with monkeypatch.context() as patched:
        patched.setattr(letters_by_post.LetterBatchJob, "end", lambda *_said, **_more: True)
        letters_by_post.LetterBatchJob.take().work()
    assert list(folder.glob("letters/*/letters.pdf"))
    with django_capture_on_commit_callbacks(execute=True):
        private.erase(receipt=reader(2))
    assert not list(folder.glob("letters/*/letters.pdf"))


# --- a house that wants no letters ------------------------------------------------------------------

NAMED = "Jannie Zomer\nKade 7\n1234 AB  WATERDAM"


def test_nothing_at_all_holds_for_the_house_whoever_writes_their_name(municipality):
    hearing_back.suppress_everything(receipt=elsewhere(make_receipt(), postal=NAMED).receipt)
    for name in ("", "J. Zomer", "Bewoner"):
        assert hearing_back.is_suppressed(f"{name}\nKade 7\n1234 AB  WATERDAM")
        with pytest.raises(DomainError):
            elsewhere(make_receipt(), postal=f"{name}\nkade 7\n1234 ab Waterdam")
    assert not hearing_back.is_suppressed("Jannie Zomer\nKade 8\n1234 AB  WATERDAM")


def test_who_left_somebodys_house_lifts_nothing(db, client):
    make_municipality(letter_price=130)
    contact = elsewhere(make_receipt(), postal=NAMED)
    hearing_back.suppress_everything(receipt=contact.receipt)
    with pytest.raises(DomainError):
        hearing_back.resubscribe(receipt=contact.receipt)
    for url in (
        f"/v/u/{sign_link(contact.receipt, LinkPurpose.UNSUBSCRIBE)}/",
        f"{page_of(contact.receipt)}address/",
    ):
        page = client.post(url, {"action": "back"})
        assert page.status_code == 422
        assert "Wilt u ze toch? Bel ons" in page.content.decode()
    contact.refresh_from_db()
    assert contact.unsubscribed_at and hearing_back.is_suppressed(NAMED)


def test_back_to_letters_about_one_answer(municipality):
    contact = elsewhere(make_receipt(), postal=NAMED)
    hearing_back.unsubscribe(receipt=contact.receipt)
    assert hearing_back.resubscribe(receipt=contact.receipt).unsubscribed_at is None


# --- the pages ------------------------------------------------------------------------------------


def test_on_the_desk(follow_up, administrator):
    client = signed_in(administrator)
    assert client.get("/desk/outbox/letters/").context["waiting"] == 3
    page = client.post("/desk/outbox/letters/start/", follow=True)
    batch = page.context["batch"]
    letters_by_post.run_letter_batch_jobs()
    url = f"/desk/outbox/letters/{batch.pk}/"
    taken = client.post(f"{url}take/")
    assert taken["Content-Type"] == "application/pdf" and b"".join(taken.streaming_content)[:4] == b"%PDF"
    assert client.post(f"{url}take/").status_code == 302
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert client.post(f"{url}posted/", {"on": tomorrow}).status_code == 422
    assert client.post(f"{url}again/", {"note": ""}).status_code == 422
    client.post(f"{url}posted/", {"on": timezone.localdate()})
    assert letters("sent") == 3 and "Kade" not in client.get(url).content.decode()


def test_a_letter_that_comes_back_is_a_task_and_stops_no_mail(batch, follow_up, administrator):
    letters_by_post.take_letters_file(batch=batch, by=administrator)
    letters_by_post.note_posted(batch=batch, on=timezone.localdate(), by=administrator)
    message = Message.objects.get(receipt=reader(1))
    delivery.record(message=message, kind=DeliveryKind.BOUNCED, provider_event="hand:1", by=administrator)
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED and not hearing_back.is_suppressed(at_home(1))
    assert count_delivery(follow_up).is_equal


def test_how_often_holds_for_letters_too(topic, settings):
    guards.outbox_may_send()
    owner = make_owner()
    contact = make_contact(email="", postal=at_home(1), how_often=HowOften.AT_THE_END)
    make_debt(topic, receipt=contact.receipt, owner=owner)
    make_debt(make_topic(area=topic.area), receipt=contact.receipt, owner=owner)
    released(topic, owner, settings)
    assert letters("pending") == 1 and letters_by_post.count_waiting_letters() == 0


# --- a house that wanted nothing more, and calls -------------------------------------------------


def test_a_house_that_wanted_no_letters_gets_them_again_after_a_call(follow_up, administrator):
    hearing_back.suppress_everything(receipt=reader(1))
    assert hearing_back.is_suppressed("Somebody else" + at_home(1))
    client = signed_in(administrator)
    typed = {"street": "Kade 1", "postcode": "1234ab", "town": "Waterdam"}
    assert client.post("/desk/outbox/letters/house/", typed | {"street": "Kade"}).status_code == 422
    assert client.post("/desk/outbox/letters/house/", typed | {"street": "Kade 2"}).status_code == 422
    assert client.post("/desk/outbox/letters/house/", typed).status_code == 302
    assert not hearing_back.is_suppressed(at_home(1))
    hearing_back.resubscribe(receipt=reader(1))
    assert Contact.objects.get(postal=at_home(1)).unsubscribed_at is None
    assert Event.objects.filter(verb="lifted stop", actor=administrator).count() == 1
