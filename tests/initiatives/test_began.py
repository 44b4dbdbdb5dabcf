"""Who began something: what they do from their own page, what everybody reads, and what is left when they go."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, sign_link
from accounts.models import Receipt
from feedback.models import AnswerOwed, Contribution, Promise
from feedback.private import services as private
from feedback.registries import private_timeline
from feedback.states import Owed
from initiatives.initiatives.begun_panels import join_here
from initiatives.initiatives.services import running, telling
from initiatives.initiatives.services.beginning import owe, submit_stop
from initiatives.models import Initiative, Meeting, Picture, Update
from initiatives.states import InitiativeState
from neighbourhoods.registries import page_panels, retention_jobs
from tests.feedback.factories import make_receipt
from tests.initiatives.factories import (
    make_idea,
    make_initiative,
    make_meeting,
    make_picture,
    make_role,
    photo,
)
from tests.people import signed_in

pytestmark = pytest.mark.django_db
WHY = "Ik at altijd alleen aan de Kade."


def began(area, owner, state=InitiativeState.RUNNING, **fields) -> Initiative:
    initiative = make_idea(area, owner=owner, state=state, **fields)
    due = timezone.localdate() + timedelta(days=14)
    owe(initiative, {"why": WHY, "what": "Soep."}, due=due, day=timezone.localdate())
    return initiative


def idea(area, owner) -> Initiative:
    """As it came in: no colleague wrote a word for everybody."""
    initiative = began(area, owner, InitiativeState.IDEA, goal={}, motive={})
    Initiative.objects.filter(pk=initiative.pk).update(name={})
    initiative.refresh_from_db()
    return initiative


def own(initiative: Initiative) -> str:
    return reverse("own_initiative", args=[sign_link(initiative.receipt, LinkPurpose.PAGE)])


def test_the_private_page_says_where_it_stands_and_who_does_what_next(area, coordinator):
    initiative = began(area, coordinator)
    page = Client().get(reverse("private_page", args=[sign_link(initiative.receipt, LinkPurpose.PAGE)]))
    text = page.content.decode()
    assert (WHY in text and str(coordinator) in text.lower()) or str(coordinator) in text
    assert "/begun/" in text
    panel = page_panels["private: initiatives.begun"].make(initiative.receipt)
    assert panel and panel.context["initiative"] == initiative
    (runs, following) = private_timeline["initiatives"](initiative.receipt)
    assert runs.on == initiative.state_on
    assert (following.on, following.before) == (initiative.next_action_on, True)


def test_the_page_opens_for_who_began_it_alone(area, coordinator):
    initiative = began(area, coordinator)
    assert Client().get(own(initiative)).status_code == 200
    other = reverse("own_initiative", args=[sign_link(make_receipt(), LinkPurpose.PAGE)])
    wrong = reverse("own_initiative", args=[sign_link(initiative.receipt, LinkPurpose.UNSUBSCRIBE)])
    assert Client().get(other).status_code == Client().get(wrong).status_code == 404


def test_an_update_a_meeting_and_a_picture_from_a_phone(area, coordinator):
    initiative, client = began(area, coordinator), Client()
    day = timezone.localdate() + timedelta(days=4)
    sent = [
        {"action": "update", "update-text": "Wij aten met twaalf."},
        {"action": "meeting", "meeting-day": day, "meeting-time": "18:00", "meeting-minutes": 120,
         "meeting-where": "Sluishuis", "meeting-about_nl": ""},
        {"action": "picture", "picture-picture": SimpleUploadedFile("a.jpg", photo(), "image/jpeg"),
         "picture-alt_nl": "Een pan soep"},
    ]  # fmt: skip
    for data in sent:
        response = client.post(own(initiative), data)
        assert response.status_code == 302 and response.url.endswith(f"?done={data['action']}")
        assert client.get(response.url).status_code == 200
    assert Update.objects.unread().count() == Picture.objects.filter(is_read=False).count() == 1
    meeting = Meeting.objects.get()
    assert not meeting.is_read
    client.post(own(initiative), {"action": "call-off", "meeting": meeting.pk})
    client.post(own(initiative), {"action": "remove-picture"})
    meeting.refresh_from_db()
    assert meeting.cancelled_on and not Picture.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"action": "update", "update-text": ""},
        {"action": "update", "update-text": "x" * 1001},
        {"action": "meeting", "meeting-where": "Sluishuis"},
        {"action": "picture", "picture-alt_nl": "Soep"},
        {"action": "stop", "stop-words": " "},
    ],
    ids=lambda data: data["action"],
)
def test_what_lacks_is_said_beside_its_field(data, area, coordinator):
    page = Client().post(own(began(area, coordinator)), data)
    assert page.status_code == 422 and page.context["bound"].errors
    assert not (Update.objects.exists() or Meeting.objects.exists() or Picture.objects.exists())


def test_nobody_calls_off_a_meeting_of_others(area, coordinator):
    theirs = make_meeting(began(area, coordinator))
    Client().post(own(began(area, coordinator)), {"action": "call-off", "meeting": theirs.pk})
    theirs.refresh_from_db()
    assert theirs.cancelled_on is None


def test_stopping_is_told_answered_and_thanked(area, coordinator):
    initiative = began(area, coordinator)
    for words in ("Het was te veel voor twee.", "Het was te veel voor twee mensen."):
        assert Client().post(own(initiative), {"action": "stop", "stop-words": words}).status_code == 302
    said = Contribution.objects.get(slot="stop")
    assert said.text == "Het was te veel voor twee mensen."
    assert AnswerOwed.objects.filter(contribution=said, state="open").count() == 1
    initiative.refresh_from_db()
    assert initiative.state == InitiativeState.RUNNING, "A colleague ends it, with thanks."
    assert initiative.next_action_on <= timezone.localdate() + timedelta(days=2)
    desk = signed_in(coordinator).get(reverse("initiative", args=[initiative.pk]))
    assert desk.context["says_stop"]
    running.end_initiative(
        initiative=initiative, learned={"nl": "Begin met drie."}, thanks={"nl": "Dank."}, by=coordinator
    )
    page = Client().get(own(initiative)).content.decode()
    assert "Begin met drie." in page and 'value="stop"' not in page


# --- for everybody ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (InitiativeState.IDEA, 404),
        (InitiativeState.PREPARING, 200),
        (InitiativeState.RUNNING, 200),
        (InitiativeState.ENDED, 200),
    ],
)
def test_who_reads_of_it(state, status, area, coordinator):
    day = None if state == InitiativeState.ENDED else timezone.localdate()
    initiative = make_idea(area, owner=coordinator, state=state, next_action_on=day, thanks={"nl": "Dank."})
    for name in ("initiative_public", "initiative_calendar"):
        assert Client().get(reverse(name, args=[area.slug, initiative.pk])).status_code == status


def test_the_page_says_everything_but_a_name(area, coordinator):
    initiative = began(
        area, coordinator, municipal_role="facilitate", for_whom={"nl": "Iedereen in de straat"}
    )
    make_role(initiative)
    make_meeting(initiative)
    telling.write_update(initiative=initiative, text={"nl": "Er is een pan bij."}, by=coordinator)
    page = Client().get(reverse("initiative_public", args=[area.slug, initiative.pk])).content.decode()
    for said in (
        "Samen eten",
        "Ik at altijd alleen.",
        "Iedereen in de straat",
        "Er is een pan bij.",
        "Sluishuis",
    ):
        assert said in page
    assert "Wij zorgen dat het kan" in page
    assert WHY not in page, "What they wrote themselves is between them and us."
    assert coordinator.title not in page and coordinator.email not in page


def test_of_another_neighbourhood_the_address_is_not_there(area, next_area, coordinator):
    initiative = began(area, coordinator)
    assert Client().get(reverse("initiative_public", args=[next_area.slug, initiative.pk])).status_code == 404


def test_the_neighbourhood_counts_and_links_what_can_be_joined(area, coordinator):
    idea(area, coordinator)
    runs = began(area, coordinator)
    make_initiative(area, name="Leesclub")
    make_idea(area, owner=coordinator, state=InitiativeState.ENDED, next_action_on=None)
    make_role(runs)
    panel = join_here(area)
    assert panel.context["initiatives"][0] == runs, "Who looks for people stands first."
    assert len(panel.context["initiatives"]) == 2
    assert [words.split()[0] for words in panel.context["counts"]] == ["2", "1"]
    page = Client().get(reverse("neighbourhood", args=[area.slug])).content.decode()
    assert reverse("initiative_public", args=[area.slug, runs.pk]) in page


def test_stopping_after_all_was_answered_is_promised_anew(area, coordinator):
    initiative = began(area, coordinator)
    long_ago = timezone.localdate() - timedelta(days=200)
    Promise.objects.update(
        due_on=long_ago, first_due_on=long_ago - timedelta(days=9), moved_reason={"nl": "Ziek."}
    )
    submit_stop(initiative=initiative, words="Wij stoppen.")
    assert Promise.objects.get().due_on == long_ago, "As long as somebody waits, what was promised stands."
    Contribution.objects.filter(slot="stop").delete()
    AnswerOwed.objects.update(state=Owed.SENT, settled_at=timezone.now())
    submit_stop(initiative=initiative, words="Wij stoppen.")
    promise, owed = Promise.objects.get(), AnswerOwed.objects.get(state=Owed.OPEN)
    assert promise.due_on == promise.first_due_on == owed.due_on > timezone.localdate()
    assert promise.moved_reason == {}


# --- what is theirs ---------------------------------------------------------------------------


def test_everything_can_be_taken_along(area, coordinator):
    initiative = began(area, coordinator, motives=["others"])
    telling.send_update(initiative=initiative, text="Nog niet gelezen.", language="nl")
    found = str(private.download(initiative.receipt))
    assert "Nog niet gelezen." in found and WHY in found and initiative.area.name in found


def test_an_idea_that_is_taken_back_is_over_and_can_be_put_back(area, coordinator):
    initiative = idea(area, coordinator)
    private.withdraw_receipt(receipt=initiative.receipt)
    initiative.refresh_from_db()
    assert (initiative.state, initiative.withdrawn_from) == (InitiativeState.ENDED, InitiativeState.IDEA)
    assert page_panels["private: initiatives.begun"].make(initiative.receipt) is None
    desk = signed_in(coordinator).get(reverse("initiative", args=[initiative.pk]))
    assert WHY not in desk.content.decode() and "move_form" not in desk.context
    private.undo_withdrawal(receipt=initiative.receipt)
    initiative.refresh_from_db()
    assert (initiative.state, initiative.withdrawn_from) == (InitiativeState.IDEA, "")
    assert initiative.next_action_on == timezone.localdate()


def test_put_back_after_its_owner_left_it_has_another(area, coordinator, editor):
    initiative = idea(area, coordinator)
    private.withdraw_receipt(receipt=initiative.receipt)
    coordinator.memberships.all().delete()
    private.undo_withdrawal(receipt=initiative.receipt)
    initiative.refresh_from_db()
    assert initiative.owner == Promise.objects.get().owner == editor
    assert set(AnswerOwed.objects.waiting().values_list("owner", flat=True)) == {editor.pk}


def test_something_public_goes_on_when_who_began_it_takes_back_their_words(area, coordinator):
    initiative = began(area, coordinator)
    private.withdraw_receipt(receipt=initiative.receipt)
    initiative.refresh_from_db()
    assert initiative.state == InitiativeState.RUNNING
    assert initiative.next_action_on <= timezone.localdate() + timedelta(days=2)


def test_erased_an_idea_is_gone_with_everything(area, coordinator):
    initiative = idea(area, coordinator)
    make_picture(initiative, is_read=False)
    private.erase(receipt=initiative.receipt)
    for model in (Initiative, Picture, Contribution, AnswerOwed, Receipt, Promise):
        assert not model.objects.exists(), model


def test_erased_something_public_stays_without_who_began_it(area, coordinator):
    initiative = began(area, coordinator, motives=["others"])
    shown = telling.write_update(initiative=initiative, text={"nl": "Er is een pan bij."}, by=coordinator)
    telling.send_update(initiative=initiative, text="Bel mij.", language="nl")
    make_meeting(initiative, is_read=False)
    private.erase(receipt=initiative.receipt)
    initiative.refresh_from_db()
    assert (initiative.receipt, initiative.motives, initiative.state) == (None, [], InitiativeState.RUNNING)
    assert list(Update.objects.all()) == [shown]
    assert not Meeting.objects.exists() and not Contribution.objects.exists()
    assert Client().get(reverse("initiative_public", args=[area.slug, initiative.pk])).status_code == 200
    assert signed_in(coordinator).get(reverse("initiative", args=[initiative.pk])).status_code == 200


@pytest.mark.parametrize("ends", ["taken back", "ended"])
def test_an_idea_nobody_could_read_has_no_page_when_it_is_over(ends, area, coordinator):
    """Also with the name that a colleague wrote for everybody; erased, nothing of it is left."""
    initiative = began(area, coordinator, InitiativeState.IDEA)
    picture = make_picture(initiative)
    if ends == "taken back":
        private.withdraw_receipt(receipt=initiative.receipt)
    else:
        running.end_initiative(
            initiative=initiative, learned={"nl": "Veel."}, thanks={"nl": "Dank."}, by=coordinator
        )
    initiative.refresh_from_db()
    assert initiative.state == InitiativeState.ENDED and initiative.name
    page = reverse("initiative_public", args=[area.slug, initiative.pk])
    for url in (page, reverse("initiative_picture", args=[picture.digest])):
        assert Client().get(url).status_code == 404
    private.erase(receipt=initiative.receipt)
    assert not Initiative.objects.exists()


def test_what_could_be_read_once_has_a_page_when_it_is_over(area, coordinator):
    initiative = began(area, coordinator, InitiativeState.IDEA)
    step = {"next_action": "Bellen", "on": timezone.localdate(), "by": coordinator}
    running.move(initiative=initiative, to=InitiativeState.PREPARING, **step)
    long_ago = timezone.localdate() - timedelta(days=200)
    Initiative.objects.update(public_on=long_ago)
    running.move(initiative=initiative, to=InitiativeState.RUNNING, **step)
    running.end_initiative(
        initiative=initiative, learned={"nl": "Veel."}, thanks={"nl": "Dank."}, by=coordinator
    )
    initiative.refresh_from_db()
    assert initiative.public_on == long_ago, "the first day"
    assert Client().get(reverse("initiative_public", args=[area.slug, initiative.pk])).status_code == 200


def test_a_year_after_it_ended_who_began_it_is_forgotten_and_the_page_stays(area, coordinator):
    initiative = began(area, coordinator)
    running.end_initiative(
        initiative=initiative, learned={"nl": "Veel."}, thanks={"nl": "Dank."}, by=coordinator
    )
    for days, stays in ((365, True), (366, False)):
        Initiative.objects.update(state_on=timezone.localdate() - timedelta(days=days))
        retention_jobs["initiatives"](timezone.now(), 365)
        assert Receipt.objects.exists() is stays
    page = Client().get(reverse("initiative_public", args=[area.slug, initiative.pk]))
    assert page.status_code == 200 and "Dank." in page.content.decode()
    assert not Contribution.objects.exists()
