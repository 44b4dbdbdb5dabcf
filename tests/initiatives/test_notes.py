"""A talk at a kitchen table: noted once, owed an answer, with a code that stays on the table."""

from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.codes import normalise_private_code
from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from core.keyed import code_hash
from feedback.models import AnswerOwed, Contribution
from feedback.private import services as private
from feedback.registries import audiences
from feedback.states import Owed, Reading
from initiatives.models import Note
from initiatives.needs.services.notes import TalkNote, create_note
from initiatives.panels import talks_panel
from initiatives.states import Skill
from neighbourhoods.models import KeyPerson, ParticipationRules
from tests.people import make_theme, make_user, signed_in

pytestmark = pytest.mark.django_db
WISH = "Een bankje in de schaduw, zodat ik buiten kan zitten."


def note(area, by, wish: str = WISH, key: UUID | None = None, **told) -> tuple[Note, str]:
    return create_note(
        area=area, talk_note=TalkNote(wish, **told), language="nl", sent_key=key or uuid4(), by=by
    )


def test_a_wish_is_owed_an_answer(area, coordinator):
    made, _code = note(area, coordinator, theme=make_theme("green"), skills=[Skill.values[0]])
    owed = AnswerOwed.objects.get()
    assert (owed.receipt, owed.owner, owed.state) == (made.receipt, coordinator, Owed.OPEN)
    assert (owed.due_on - timezone.localdate()).days == ParticipationRules.current().days("answer")
    said = Contribution.objects.get()
    assert (said.text, said.reading) == (WISH, Reading.UNREAD)
    assert said.topic.theme.slug == "green"


def test_what_was_withdrawn_is_not_counted_on_the_profile(area, coordinator):
    made, _code = note(area, coordinator)
    note(area, coordinator, wish="Een zebrapad.")
    assert talks_panel(area).context["count"] == 2
    private.withdraw_receipt(receipt=made.receipt)
    assert talks_panel(area).context["count"] == 1


def test_the_code_opens_their_page_and_is_kept_nowhere(area, coordinator):
    made, code = note(area, coordinator)
    assert Receipt.objects.get(code_hash=code_hash(normalise_private_code(code))) == made.receipt
    assert made.receipt.purpose == ReceiptPurpose.NOTE
    opened = Client().post(reverse("private_code"), {"code": code}, follow=True)
    assert WISH in opened.content.decode()


def test_what_is_kept_does_not_tell_the_code(area, coordinator):
    key = uuid4()
    made, code = note(area, coordinator, key=key)
    assert made.sent_key != key
    _again, other = note(area, coordinator, key=made.sent_key)
    assert other != code, "Whoever reads the table can't make the code from it."


def test_a_note_that_is_sent_twice_is_one(area, coordinator):
    key = uuid4()
    first, second = note(area, coordinator, key=key), note(area, coordinator, key=key)
    assert first == second
    assert Note.objects.count() == AnswerOwed.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [{"wish": "Minder harde muziek."}, {"skills": [Skill.values[0]]}],
    ids=lambda told: next(iter(told)),
)
def test_another_talk_on_the_page_of_the_first_is_not_lost(other, area, coordinator):
    """Back in the browser, another table, the same page: two people are owed an answer."""
    client, address = signed_in(coordinator), reverse("note_new", args=[area.slug])
    form = {"wish": WISH, "language": "nl", "sent_key": str(uuid4())}
    client.post(address, form)
    page = client.post(address, form | other)
    assert page.status_code == 422 and "eerder verstuurd" in page.content.decode()
    anew = page.context["form"]
    assert anew["wish"].value() == (form | other)["wish"] and anew["sent_key"].value() != form["sent_key"]
    client.post(address, form | other | {"sent_key": anew["sent_key"].value()})
    assert Note.objects.count() == AnswerOwed.objects.count() == 2


@pytest.mark.parametrize("told", [{"wish": "  "}, {"skills": ["flying"]}])
def test_nothing_is_kept_of_what_can_not_be_answered(told, area, coordinator):
    with pytest.raises(DomainError):
        note(area, coordinator, **told)
    assert not Receipt.objects.exists()


def test_who_was_spoken_was_spoken_today(area, coordinator):
    person = KeyPerson.objects.create(area=area, role="een kapper")
    note(area, coordinator, key_person=person)
    person.refresh_from_db()
    assert person.spoken_on == timezone.localdate()


def test_talks_can_be_answered(area, coordinator, editor):
    made, _code = note(area, coordinator)
    (found,) = audiences["initiatives"](editor)
    assert found.source == AnswerOwed.objects.get().topic.source
    assert not audiences["initiatives"](make_user())
    assert made.area.pk in found.areas


def test_erased_with_the_code_nothing_is_left(area, coordinator):
    made, _code = note(area, coordinator)
    private.erase(receipt=made.receipt)
    assert not Note.objects.exists() and not Contribution.objects.exists() and not AnswerOwed.objects.exists()


def test_downloaded_with_the_code(area, coordinator):
    made, _code = note(area, coordinator)
    assert area.name in str(private.download(made.receipt)) and WISH in str(private.download(made.receipt))


# --- on a phone -------------------------------------------------------------------------------


def test_noted_on_the_page_and_shown_once_more(area, coordinator):
    client = signed_in(coordinator)
    form = {"wish": WISH, "language": "nl", "sent_key": str(uuid4())}
    sent = client.post(reverse("note_new", args=[area.slug]), form)
    made = Note.objects.get()
    assert sent.url == reverse("note_code", args=[made.pk])
    shown = client.get(sent.url)
    code = shown.context["code"]
    assert Receipt.objects.get(code_hash=code_hash(normalise_private_code(code))) == made.receipt
    assert client.get(sent.url).context["code"] == code, "The page can be loaded again."
    other = signed_in(coordinator).get(sent.url)
    assert other.context["code"] == "" and code not in other.content.decode()


def test_what_is_wrong_keeps_what_was_typed(area, coordinator):
    form = {"wish": "", "language": "nl", "sent_key": str(uuid4()), "skills": [Skill.values[0]]}
    page = signed_in(coordinator).post(reverse("note_new", args=[area.slug]), form)
    assert page.status_code == 422
    assert form["sent_key"] in page.content.decode() and "checked" in page.content.decode()
    assert not Note.objects.exists()


def test_colleagues_read_what_was_noted(area, coordinator, viewer, stranger):
    note(area, coordinator)
    address = reverse("notes", args=[area.slug])
    assert WISH in signed_in(coordinator).get(address).content.decode()
    assert signed_in(viewer).get(address).status_code == 403
    assert signed_in(stranger).get(address).status_code == 404


def test_what_was_withdrawn_colleagues_read_no_more(area, coordinator):
    made, _code = note(area, coordinator, skills=[Skill.values[0]])
    private.withdraw_receipt(receipt=made.receipt)
    page = signed_in(coordinator).get(reverse("notes", args=[area.slug])).content.decode()
    assert WISH not in page and str(Skill(Skill.values[0]).label) not in page
    assert "ingetrokken" in page


def test_numbers_and_what_is_sensitive_stay_off_the_list(area, coordinator):
    """Unmasking is an action on the listening page, which leaves a line in the log; a list is no way round it."""
    note(area, coordinator, "Bel mij op 06 12345678, want de lamp is stuk.")
    address = reverse("notes", args=[area.slug])
    page = signed_in(coordinator).get(address).content.decode()
    assert "de lamp is stuk" in page and "12345678" not in page
    Contribution.objects.update(reading=Reading.SENSITIVE)
    assert "de lamp is stuk" not in signed_in(coordinator).get(address).content.decode()
