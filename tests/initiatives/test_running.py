"""From an idea to thanks: every state allowed and refused, who looks after it, and what everybody reads."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.links import LinkPurpose, sign_link
from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from feedback.models import AnswerOwed
from feedback.record.services.public_record import public_record
from initiatives.initiatives.services import library, running
from initiatives.initiatives.services.beginning import owe
from initiatives.matching.services.owners import reassign
from initiatives.models import Initiative
from initiatives.states import INITIATIVE_TRANSITIONS, InitiativeState, RoleState
from neighbourhoods.registries import duties
from neighbourhoods.states import Role
from tests.feedback.factories import make_follow_up
from tests.initiatives.factories import make_idea, make_initiative, make_meeting, make_role
from tests.people import make_user, signed_in

pytestmark = pytest.mark.django_db
LEARNED = {"nl": "Begin met drie mensen, niet met een vereniging."}
THANKS = {"nl": "Dank aan alle koks, en aan de beheerder van het Sluishuis."}


def soon(days: int = 5):
    return timezone.localdate() + timedelta(days=days)


def in_state(state: str, area, owner, **fields) -> Initiative:
    ended = {"next_action": "", "next_action_on": None} if state == InitiativeState.ENDED else {}
    return make_idea(area, owner=owner, state=state, **ended, **fields)


def go(initiative: Initiative, to: str, by) -> None:
    if to == InitiativeState.ENDED:
        running.end_initiative(initiative=initiative, learned=LEARNED, thanks=THANKS, by=by)
    else:
        running.move(initiative=initiative, to=to, next_action="Bellen", on=soon(), by=by)


# --- the table --------------------------------------------------------------------------------

PAIRS = [(old, new) for old in InitiativeState.values for new in InitiativeState.values if old != new]


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=lambda state: str(state))
def test_every_step_of_the_table_and_no_other(old, new, area, coordinator):
    initiative = in_state(old, area, coordinator)
    if new in INITIATIVE_TRANSITIONS[old]:
        go(initiative, new, coordinator)
        initiative.refresh_from_db()
        assert initiative.state == new
        assert (initiative.next_action_on is None) == (new == InitiativeState.ENDED)
        assert Event.objects.about(initiative).exists()
    else:
        with pytest.raises(DomainError):
            go(initiative, new, coordinator)
        initiative.refresh_from_db()
        assert initiative.state == old


@pytest.mark.parametrize("state", [s for s in InitiativeState.values if s != InitiativeState.ENDED])
def test_what_is_not_over_has_a_next_step_also_for_the_database(state, area, coordinator):
    initiative = in_state(state, area, coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Initiative.objects.filter(pk=initiative.pk).update(next_action_on=None)


@pytest.mark.parametrize(
    ("action", "days"), [("  ", 5), ("Bellen", -1)], ids=["no step", "a day that is past"]
)
def test_a_step_without_words_or_with_a_past_day_is_refused(action, days, area, coordinator):
    initiative = in_state(InitiativeState.IDEA, area, coordinator)
    with pytest.raises(DomainError):
        running.move(
            initiative=initiative, to=InitiativeState.IDEA, next_action=action, on=soon(days), by=coordinator
        )


@pytest.mark.parametrize("lacks", ["name", "goal"])
@pytest.mark.parametrize("to", [InitiativeState.PREPARING, InitiativeState.RUNNING])
def test_neighbours_never_read_an_empty_page(lacks, to, area, coordinator):
    initiative = in_state(InitiativeState.IDEA, area, coordinator)
    setattr(initiative, lacks, {"en": "Only in English"})  # the municipality writes Dutch first
    initiative.save()
    with pytest.raises(DomainError):
        go(initiative, to, coordinator)


def test_running_says_since_when(area, coordinator):
    initiative = in_state(InitiativeState.PREPARING, area, coordinator)
    go(initiative, InitiativeState.RUNNING, coordinator)
    initiative.refresh_from_db()
    assert initiative.since == timezone.localdate()


# --- the end ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lacks", ["learned", "thanks"])
def test_nothing_ends_without_thanks_and_what_was_learned(lacks, area, coordinator):
    initiative = in_state(InitiativeState.RUNNING, area, coordinator)
    words = {"learned": LEARNED, "thanks": THANKS} | {lacks: {"nl": "  "}}
    with pytest.raises(DomainError):
        running.end_initiative(initiative=initiative, by=coordinator, **words)


def test_ending_closes_what_is_open_and_calls_off_what_is_to_come(area, coordinator):
    initiative = in_state(InitiativeState.RUNNING, area, coordinator)
    role, to_come, over = make_role(initiative), make_meeting(initiative), make_meeting(initiative, days=-3)
    go(initiative, InitiativeState.ENDED, coordinator)
    role.refresh_from_db(), to_come.refresh_from_db(), over.refresh_from_db()
    assert role.state == RoleState.CLOSED
    assert (to_come.cancelled_on, to_come.changed) == (timezone.localdate(), 1)
    assert over.cancelled_on is None


def test_two_who_end_it_at_once_end_it_once(area, coordinator):
    first = in_state(InitiativeState.RUNNING, area, coordinator)
    second = Initiative.objects.get(pk=first.pk)
    go(first, InitiativeState.ENDED, coordinator)
    with pytest.raises(InvalidTransition):
        running.end_initiative(
            initiative=second, learned={"nl": "Iets anders."}, thanks=THANKS, by=coordinator
        )
    first.refresh_from_db()
    assert first.learned == LEARNED


# --- who looks after it -----------------------------------------------------------------------


def test_what_was_only_noted_down_is_taken_up(area, coordinator):
    noted = make_initiative(area)
    running.take_up_initiative(initiative=noted, next_action="Langsgaan", on=soon(), by=coordinator)
    noted.refresh_from_db()
    assert (noted.owner, noted.next_action) == (coordinator, "Langsgaan")
    with pytest.raises(InvalidTransition):
        running.take_up_initiative(
            initiative=noted, next_action="Bellen", on=soon(), by=make_user(Role.EDITOR, area)
        )


def test_what_nobody_looks_after_takes_no_step(area, coordinator):
    with pytest.raises(DomainError):
        go(make_initiative(area, state=InitiativeState.PREPARING), InitiativeState.RUNNING, coordinator)


def test_what_somebody_looks_after_does_not_stop_from_the_list(area, coordinator):
    initiative = in_state(InitiativeState.RUNNING, area, coordinator)
    with pytest.raises(DomainError):
        library.stop_initiative(initiative=initiative, by=coordinator)
    ended = in_state(InitiativeState.ENDED, area, coordinator)
    with pytest.raises(DomainError):
        library.reopen_initiative(initiative=ended, by=coordinator)


def test_handing_over_takes_the_answers_that_are_owed_along(area, coordinator, editor):
    initiative = in_state(InitiativeState.IDEA, area, coordinator)
    owe(initiative, {"why": "Zomaar.", "what": "Soep."}, due=soon(), day=timezone.localdate())
    reassign(Initiative.objects.with_owner(), to=editor, by=coordinator)
    initiative.refresh_from_db()
    assert initiative.owner == editor
    assert set(AnswerOwed.objects.values_list("owner", flat=True)) == {editor.pk}


def test_not_to_somebody_who_does_not_work_there(area, coordinator, viewer, stranger):
    initiative = in_state(InitiativeState.IDEA, area, coordinator)
    for to in (viewer, stranger):
        with pytest.raises(DomainError):
            reassign(Initiative.objects.with_owner().filter(pk=initiative.pk), to=to, by=coordinator)


def test_nobody_leaves_with_an_initiative(area, coordinator, editor):
    in_state(InitiativeState.RUNNING, area, coordinator)
    in_state(InitiativeState.ENDED, area, coordinator)
    (duty,) = duties["initiatives.begun"](coordinator)
    assert duty.count == 1
    client = signed_in(coordinator)
    assert client.get(duty.url).status_code == 200
    client.post(reverse("initiatives_hand_over", args=[coordinator.pk]), {"to": editor.pk})
    assert not duties["initiatives.begun"](coordinator) and duties["initiatives.begun"](editor)


# --- words ------------------------------------------------------------------------------------


def words(**changes) -> dict:
    fields = {"motives": [], "municipal_role": "", "name": {"nl": "Soep"}, "goal": {"nl": "Samen eten"}}
    return fields | changes


def test_words_are_kept_and_the_role_of_the_municipality(area, coordinator):
    initiative = in_state(InitiativeState.IDEA, area, coordinator)
    running.save_words(
        initiative=initiative, by=coordinator, **words(municipal_role="let_go", motives=["others"])
    )
    initiative.refresh_from_db()
    assert (initiative.name, initiative.municipal_role) == ({"nl": "Soep"}, "let_go")


@pytest.mark.parametrize(
    "wrong",
    [{"municipal_role": "rule"}, {"motives": ["others", "meet", "learn"]}, {"name": {}}],
    ids=["no role of ours", "three motives", "no name"],
)
def test_words_that_can_not_be(wrong, area, coordinator):
    initiative = in_state(InitiativeState.RUNNING, area, coordinator)
    with pytest.raises(DomainError):
        running.save_words(initiative=initiative, by=coordinator, **words(**wrong))


# --- pages of the desk ------------------------------------------------------------------------


def test_the_page_shows_their_words_to_who_works_there_alone(area, coordinator, viewer):
    initiative = in_state(InitiativeState.IDEA, area, coordinator)
    owe(initiative, {"why": "Omdat ik alleen ben."}, due=soon(), day=timezone.localdate())
    url = reverse("initiative", args=[initiative.pk])
    assert "Omdat ik alleen ben." in signed_in(coordinator).get(url).content.decode()
    assert "Omdat ik alleen ben." not in signed_in(viewer).get(url).content.decode()


def test_a_step_from_the_page_and_a_refused_one_keeps_what_was_typed(area, coordinator):
    initiative = in_state(InitiativeState.IDEA, area, coordinator)
    client, url = signed_in(coordinator), reverse("initiative_move", args=[initiative.pk])
    data = {"to": "preparing", "next_action": "Zaal vastleggen", "on": soon()}
    page = client.post(url, data | {"on": ""})
    assert page.status_code == 422 and "Zaal vastleggen" in page.content.decode()
    assert client.post(url, data).status_code == 302
    initiative.refresh_from_db()
    assert (initiative.state, initiative.next_action) == (InitiativeState.PREPARING, "Zaal vastleggen")


def test_who_was_second_is_told(area, coordinator):
    initiative = in_state(InitiativeState.RUNNING, area, coordinator)
    go(initiative, InitiativeState.ENDED, coordinator)
    data = {"thanks_nl": "Dank.", "learned_nl": "Veel."}
    page = signed_in(coordinator).post(reverse("initiative_end", args=[initiative.pk]), data)
    assert page.status_code == 409


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "preparing", "public_on": None},
        {"state": "running", "public_on": None},
        {"state": "idea", "public_on": timezone.localdate()},
    ],
)
def test_what_is_public_is_so_since_a_day_and_an_idea_is_not(fields, area, coordinator):
    initiative = in_state(InitiativeState.ENDED, area, coordinator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Initiative.objects.filter(pk=initiative.pk).update(**fields)


def test_an_answer_to_one_person_is_no_news_for_everybody(area, coordinator, editor):
    initiative = in_state(InitiativeState.IDEA, area, coordinator)
    owe(initiative, {"why": "Zomaar."}, due=soon(), day=timezone.localdate())
    follow_up = make_follow_up(source=initiative.source, owner=editor, state="fanned_out")
    follow_up.areas.set([area])
    record = public_record(area=area)
    assert not record.answers and not record.owed


# --- an idea that never began has words of its own ---------------------------------------------

RAN = ["What was learned", "A word of thanks", "End it, with thanks"]
NEVER = ["Why it does not go on", "Round the idea off", "A word to who had the idea"]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("state", "never"),
    [(InitiativeState.IDEA, True), (InitiativeState.PREPARING, False), (InitiativeState.RUNNING, False)],
)
def test_the_form_that_ends_it_says_what_it_is(state, never, language, area, coordinator):
    initiative = make_idea(area, owner=coordinator, state=state)
    client = signed_in(coordinator)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get(reverse("initiative", args=[initiative.pk])).content.decode()
    with override(language):
        said, unsaid = ([_(text) for text in texts] for texts in ((NEVER, RAN) if never else (RAN, NEVER)))
        assert [text for text in said if text not in page] == []
        assert [text for text in unsaid if text in page] == []


@pytest.mark.parametrize("lacks", ["learned", "thanks"])
def test_what_lacks_at_the_end_of_an_idea_is_said_in_its_own_words(lacks, area, coordinator):
    idea = make_idea(area, owner=coordinator, state=InitiativeState.IDEA)
    words = {"learned": {"nl": "Er is geen geld."}, "thanks": {"nl": "Dank."}} | {lacks: {}}
    with override("en"), pytest.raises(DomainError, match=r"who had the idea|their own page"):
        running.end_initiative(initiative=idea, by=coordinator, **words)


def test_who_had_the_idea_reads_why_it_does_not_go_on_and_nobody_else(area, coordinator):
    idea = make_idea(area, owner=coordinator, state=InitiativeState.IDEA)
    running.end_initiative(
        initiative=idea, learned={"nl": "Er is geen plek."}, thanks={"nl": "Dank u."}, by=coordinator
    )
    url = reverse("own_initiative", args=[sign_link(idea.receipt, LinkPurpose.PAGE)])
    page = Client().get(url).content.decode()
    assert "Waarom het niet doorgaat" in page and "Er is geen plek." in page and "Wat is geleerd" not in page
    public = Client().get(reverse("initiative_public", args=[area.slug, idea.pk]))
    assert public.status_code == 404


@pytest.mark.parametrize(
    ("state", "asked"), [("idea", "Waarom gaat u niet verder?"), ("running", "Wat kunnen anderen")]
)
def test_who_stops_is_asked_what_fits(state, asked, area, coordinator):
    initiative = make_idea(area, owner=coordinator, state=state)
    url = reverse("own_initiative", args=[sign_link(initiative.receipt, LinkPurpose.PAGE)])
    assert asked in Client().get(url).content.decode()
    assert Client().post(url, {"action": "stop", "stop-words": "Geen tijd meer."}).status_code == 302
    said = initiative.receipt.contributions.select_related("topic").get(slot="stop")
    assert asked in said.topic.question["nl"]
