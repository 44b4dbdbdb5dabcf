"""A trajectory: its gates, its plan, talking back, and closing when everybody was answered."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from accounts.models import Event, User
from core.errors import DomainError, InvalidTransition
from neighbourhoods.advice.services import change_rules
from neighbourhoods.models import ApproachDecision, Area, Backing, ParticipationPlan, TalkBack, Trajectory
from neighbourhoods.registries import trajectory_parts
from neighbourhoods.states import REQUIRED_STEPS, UNSKIPPABLE_STEPS, Phase, Step, StepState, TalkBackKind
from neighbourhoods.trajectories import services
from surveys.builder.services.publish import PublicationRefused, publish_survey
from surveys.models import Survey, Tally
from tests.feedback.factories import make_debt, make_topic
from tests.pdfs import is_in_our_fonts
from tests.people import make_backing, signed_in
from tests.surveys.drafts import make_draft, make_open

pytestmark = pytest.mark.django_db

PLAN = {
    "goal": {"nl": "Een plein waar iedereen durft te zitten."},
    "fixed": {"nl": "Er is € 40.000. Auto's komen er niet."},
    "influence": "coproduce",
    "influence_why": {"nl": "Bewoners kennen het plein."},
    "who": {"nl": "Wie er woont, ook wie niet vanzelf komt."},
    "activities": [{"what": {"nl": "Een peiling op het plein"}, "on": "2026-05-01"}],
    "input_use": {"nl": "De wijkmanager legt het voor aan de raad."},
    "reporting": {"nl": "Op deze pagina, vóór 1 juli."},
}


@pytest.fixture
def trajectory(area: Area, editor: User) -> Trajectory:
    return services.start_trajectory(
        title="Het plein", areas=[area], phase=Phase.PREPARATION, owner=editor, by=editor
    )


def step(trajectory: Trajectory, number: int):
    return trajectory.steps.get(number=number)


def move(trajectory: Trajectory, number: int, to: str, reason: str = "") -> None:
    services.move_step(step=step(trajectory, number), to=to, reason=reason, by=trajectory.owner)


def publish_plan(trajectory: Trajectory, **fields) -> ParticipationPlan:
    plan = ParticipationPlan.objects.get(trajectory=trajectory)
    services.save_plan(plan=plan, fields=PLAN | fields, why={}, by=trajectory.owner)
    services.publish_plan(plan=plan, by=trajectory.owner)
    return plan


def hold_meeting(trajectory: Trajectory, yes: int = 20, partly: int = 5, no: int = 3) -> TalkBack:
    back = TalkBack(
        kind=TalkBackKind.MEETING, on=timezone.localdate(), present=30,
        support_yes=yes, support_partly=partly, support_no=no,
    )  # fmt: skip
    return services.record_talk_back(trajectory=trajectory, talk_back=back, by=trajectory.owner)


def refreshed(trajectory: Trajectory) -> Trajectory:
    return Trajectory.objects.select_related("plan").get(pk=trajectory.pk)


# --- steps and gates --------------------------------------------------------------------------


def test_it_begins_with_all_steps_to_do(trajectory):
    assert [one.number for one in trajectory.steps.all()] == list(range(12))
    assert set(trajectory.steps.values_list("state", flat=True)) == {StepState.TODO}


@pytest.mark.parametrize(("later", "first"), REQUIRED_STEPS.items())
def test_no_step_passes_its_gate(later, first, trajectory):
    with pytest.raises(DomainError, match=str(Step(first).label)):
        move(trajectory, later, StepState.DOING)
    assert step(trajectory, later).state == StepState.TODO


@pytest.mark.parametrize("number", sorted(UNSKIPPABLE_STEPS))
def test_what_others_stand_on_is_never_left_out(number, trajectory):
    with pytest.raises(DomainError):
        move(trajectory, number, StepState.SKIPPED, "no time")


def test_other_steps_are_left_out_with_a_reason(trajectory):
    with pytest.raises(DomainError):
        move(trajectory, Step.DEEPENING, StepState.SKIPPED)
    move(trajectory, Step.DEEPENING, StepState.SKIPPED, "One question was enough.")
    assert step(trajectory, Step.DEEPENING).reason == "One question was enough."
    move(trajectory, Step.DEEPENING, StepState.TODO)
    assert step(trajectory, Step.DEEPENING).reason == ""


def test_the_promise_is_done_when_the_plan_is_published(trajectory):
    with pytest.raises(DomainError):
        move(trajectory, Step.PROMISE, StepState.DONE)
    publish_plan(trajectory)
    assert step(trajectory, Step.PROMISE).state == StepState.DONE
    assert step(trajectory, Step.PROMISE).done_on == timezone.localdate()


def test_no_approach_before_residents_were_asked(trajectory, editor, area):
    ApproachDecision.objects.create(area=area, advised="build_up", chosen="build_up", decided_by=editor)
    with pytest.raises(DomainError):
        move(trajectory, Step.TALK_BACK, StepState.DONE)
    hold_meeting(trajectory)
    move(trajectory, Step.TALK_BACK, StepState.DONE)
    move(trajectory, Step.APPROACH, StepState.DONE)


def test_a_gate_stays_shut_behind_what_passed_it(trajectory, editor, area):
    hold_meeting(trajectory)
    move(trajectory, Step.TALK_BACK, StepState.DONE)
    move(trajectory, Step.APPROACH, StepState.DOING)
    with pytest.raises(DomainError):
        move(trajectory, Step.TALK_BACK, StepState.DOING)


def test_nobody_moves_a_step_that_somebody_else_moved(trajectory):
    stale = step(trajectory, Step.INVENTORY)
    move(trajectory, Step.INVENTORY, StepState.DONE)
    with pytest.raises(InvalidTransition):
        stale.move(StepState.SKIPPED, reason="too late")


def test_a_step_without_its_date_or_reason_is_refused_by_the_database(trajectory):
    for fields in ({"state": StepState.DONE}, {"state": StepState.SKIPPED}):
        with pytest.raises(IntegrityError), transaction.atomic():
            trajectory.steps.filter(number=1).update(**fields)


# --- with a survey ----------------------------------------------------------------------------


def test_the_database_knows_every_state_and_kind(trajectory, area, backer, editor):
    make_backing(area=area, backer=backer, by=editor)
    for rows in (
        trajectory.steps.filter(number=1).values("state"),
        Backing.objects.values("state"),
        Area.objects.filter(pk=area.pk).values("kind"),
    ):
        (field,) = rows.query.values_select
        with pytest.raises(IntegrityError, match="_is_known"), transaction.atomic():
            rows.update(
                **{field: "other"} | ({"decided_at": timezone.now()} if rows.model is Backing else {})
            )


def test_a_survey_is_not_published_before_the_plan(trajectory, editor, area):
    survey = make_draft(areas=[area], by=editor)
    Survey.objects.filter(pk=survey.pk).update(trajectory=trajectory)
    with pytest.raises(PublicationRefused) as refused:
        publish_survey(survey=survey, by=editor)
    assert reverse("plan_edit", args=[trajectory.pk]) in [lack.place.url for lack in refused.value.lacks]
    publish_plan(trajectory)
    assert publish_survey(survey=survey, by=editor).number == 1


def test_feedback_is_done_when_nobody_waits(trajectory, editor, backer, area):
    survey = make_open(areas=[area], by=editor, backer=backer)
    Survey.objects.filter(pk=survey.pk).update(trajectory=trajectory)
    debt = make_debt(make_topic("question:9", source=survey.subject, area=area), owner=editor)
    with pytest.raises(DomainError, match="1"):
        move(trajectory, Step.FEEDBACK, StepState.DONE)
    with pytest.raises(DomainError, match="1"):
        services.close_trajectory(trajectory=trajectory, by=editor)
    type(debt).objects.filter(pk=debt.pk).update(state="waived", settled_at=timezone.now(), reason="told")
    move(trajectory, Step.FEEDBACK, StepState.DONE)


def test_a_reaction_round_is_counted_by_its_survey(trajectory, editor, backer, area):
    survey = make_open(areas=[area], by=editor, backer=backer, plan="reaction")
    Survey.objects.filter(pk=survey.pk).update(trajectory=trajectory)
    assert trajectory_parts["surveys"].reaction_rounds(trajectory) == [(survey.subject, str(survey))]
    back = TalkBack(kind=TalkBackKind.ROUND, on=timezone.localdate(), source=survey.subject)
    back = services.record_talk_back(trajectory=trajectory, talk_back=back, by=editor)
    assert services.support_of(back) is None, "Nobody answered yet."
    question = survey.layers.get(is_first=True).questions.get()
    options = list(question.options.all())
    for option, n in zip(options, (7, 2, 1, 4), strict=True):
        Tally.objects.create(
            survey=survey, epoch=1, question=str(question.pk), option=str(option.pk), area=area, n=n,
            channel=survey.channels.first(), respondent="resident",
        )  # fmt: skip
    assert services.support_of(back) == services.TalkBackSupport(10, None)
    published = {str(option.pk): n for option, n in zip(options, (70, 20, 10, 40), strict=True)}
    survey.snapshots.create(taken_on=timezone.localdate(), responses=140, tables={"options": published})
    cache.clear()
    assert services.support_of(back) == services.TalkBackSupport(10, (70, 20, 10))


def test_nobody_is_recognised_in_a_reaction_round(trajectory, editor, backer, area):
    """One neighbour is against. The plan, its document and the desk say so only among enough others."""
    survey = make_open(areas=[area], by=editor, backer=backer, plan="reaction")
    Survey.objects.filter(pk=survey.pk).update(trajectory=trajectory)
    publish_plan(trajectory)
    back = TalkBack(kind=TalkBackKind.ROUND, on=timezone.localdate(), source=survey.subject)
    services.record_talk_back(trajectory=trajectory, talk_back=back, by=editor)
    question = survey.layers.get(is_first=True).questions.get()
    Tally.objects.create(
        survey=survey, epoch=1, question=str(question.pk), option=str(question.options.all()[2].pk), area=area, n=1,
        channel=survey.channels.first(), respondent="resident",
    )  # fmt: skip
    plan = Client().get(reverse("plan", args=[trajectory.pk])).content.decode()
    desk = signed_in(editor).get(trajectory.get_absolute_url()).content.decode()
    for page in (plan, desk):
        assert "niet achter: 1" not in page and "De cijfers volgen" in page
    told = str(services.plan_document(ParticipationPlan.objects.get(trajectory=trajectory)).parts)
    assert "niet achter: 1" not in told


@pytest.mark.parametrize("source", ["", "survey:", "survey:x", "survey:999999", "poll:1", "survey:1;drop"])
def test_a_source_that_is_no_survey_counts_nothing(source, municipality):
    assert trajectory_parts["surveys"].support(source) is None


def test_everything_registered_says_what_it_knows(trajectory):
    steps = {gate.step for gate in services.gates_of(trajectory)}
    assert {Step.PROMISE, Step.POLL, Step.TALK_BACK, Step.APPROACH} <= steps


# --- the plan ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLAN)
def test_a_plan_that_lacks_something_is_not_published(name, trajectory):
    empty = "" if name == "influence" else [] if name == "activities" else {}
    plan = ParticipationPlan.objects.get(trajectory=trajectory)
    services.save_plan(plan=plan, fields=PLAN | {name: empty}, why={}, by=trajectory.owner)
    with pytest.raises(DomainError):
        services.publish_plan(plan=plan, by=trajectory.owner)
    assert not ParticipationPlan.objects.get(pk=plan.pk).is_published


def test_a_waived_plan_needs_its_ground_and_why(trajectory):
    plan = ParticipationPlan.objects.get(trajectory=trajectory)
    with pytest.raises(IntegrityError), transaction.atomic():
        ParticipationPlan.objects.filter(pk=plan.pk).update(is_waived=True)
    fields = {"is_waived": True, "waiver_ground": "urgent", "waiver_why": {}}
    services.save_plan(plan=plan, fields=fields, why={}, by=trajectory.owner)
    with pytest.raises(DomainError):
        services.publish_plan(plan=plan, by=trajectory.owner)
    services.save_plan(
        plan=plan, fields=fields | {"waiver_why": {"nl": "De dijk wacht niet."}}, why={}, by=trajectory.owner
    )
    services.publish_plan(plan=plan, by=trajectory.owner)
    move(refreshed(trajectory), Step.TALK_BACK, StepState.SKIPPED, "Waived.")


def waive(trajectory: Trajectory, ground: str = "urgent") -> ParticipationPlan:
    why = {"nl": "De dijk wacht niet."}
    return publish_plan(trajectory, is_waived=True, waiver_ground=ground, waiver_why=why)


def test_a_ground_keeps_its_words_when_the_settings_lose_it(trajectory):
    plan, words = waive(trajectory), "Het kan niet wachten."
    others = [{"slug": "budget", "name": {"nl": "Het gaat over geld."}}]
    change_rules(section="grounds", changes={"grounds": others}, by=trajectory.owner)
    assert words in Client().get(plan.get_absolute_url()).content.decode()
    address = reverse("plan_edit", args=[trajectory.pk])
    page = signed_in(trajectory.owner).get(address)
    assert ("urgent", words) in page.context["form"].fields["waiver_ground"].choices

    fields = {"waiver_ground": "budget"}
    services.save_plan(plan=plan, fields=fields, why={"nl": "Toch iets anders."}, by=trajectory.owner)
    assert "Het gaat over geld." in Client().get(plan.get_absolute_url()).content.decode()
    services.save_plan(
        plan=plan, fields={"is_waived": False}, why={"nl": "We vragen het toch."}, by=trajectory.owner
    )
    assert ParticipationPlan.objects.get(pk=plan.pk).waiver_ground_name == {}


def test_no_plan_is_published_on_a_ground_that_is_gone(trajectory):
    with pytest.raises(DomainError, match="Kies een andere"):
        waive(trajectory, "long-gone")


def test_a_published_plan_changes_in_the_open(trajectory):
    plan = publish_plan(trajectory)
    with pytest.raises(DomainError):
        services.save_plan(plan=plan, fields={"influence": "advise"}, why={}, by=trajectory.owner)
    services.save_plan(
        plan=plan, fields={"influence": "advise"}, why={"nl": "Er is minder geld."}, by=trajectory.owner
    )
    page = Client().get(plan.get_absolute_url()).content.decode()
    assert "Er is minder geld." in page
    assert Event.objects.about(trajectory).filter(verb="changed plan").count() == 2
    with pytest.raises(DomainError):
        services.save_plan(plan=plan, fields={"goal": {}}, why={"nl": "Weg ermee."}, by=trajectory.owner)


def test_residents_read_a_plan_once_it_is_published(trajectory):
    address = reverse("plan", args=[trajectory.pk])
    assert Client().get(address).status_code == 404
    publish_plan(trajectory)
    page = Client().get(address).content.decode()
    for words in ("Een plein waar iedereen durft te zitten.", "Wij maken het samen", "1 mei"):
        assert words.casefold() in page.casefold()


def test_the_plan_is_a_document_too(trajectory):
    address = reverse("plan_pdf", args=[trajectory.pk])
    assert Client().get(address).status_code == 404
    publish_plan(trajectory, goal={"nl": "#set page(width: 1pt) *plein* `x` $y$ @z <w> \\ //"})
    hold_meeting(trajectory)
    sent = Client().get(address)
    assert sent.content.startswith(b"%PDF-") and b"pdfuaid" in sent.content and is_in_our_fonts(sent.content)
    (goal, *_rest) = services.plan_document(refreshed(trajectory).plan).parts
    assert goal.lines == ["#set page(width: 1pt) *plein* `x` $y$ @z <w> \\ //"]


def test_page_and_document_tell_a_plan_in_one_order(trajectory):
    """What is done, and when, comes before what happens with it. A day that is not known yet is no silence."""
    soup = {"what": {"nl": "Soep op het plein"}, "on": None}
    publish_plan(trajectory, activities=[*PLAN["activities"], soup])
    page = Client().get(reverse("plan", args=[trajectory.pk])).content.decode()
    parts = {part.heading: part.lines for part in services.plan_document(refreshed(trajectory).plan).parts}
    assert "Soep op het plein, de dag volgt" in parts["Wat wij doen, en wanneer"] and "de dag volgt" in page
    places = [page.index(f">{heading}</h2>") for heading in parts]
    assert places == sorted(places)
    assert parts["Wie ervoor zorgt"] == [
        f"{capfirst(trajectory.owner.title)}, Gemeente Waterdam, nabij@waterdam.example"
    ]


def test_a_waived_plan_promises_no_say(trajectory, area):
    plan = waive(trajectory)
    page = Client().get(plan.get_absolute_url()).content.decode()
    lead = services.plan_document(refreshed(trajectory).plan).lead
    for told in (page, lead):
        assert f"Wat wij besluiten voor {area}." in told and "Hier beslissen bewoners niet mee." in told
        assert "Hoe wij dit beslissen" not in told


def test_letters_without_a_font_lead_to_the_page(trajectory):
    plan = publish_plan(trajectory, goal={"nl": "広場"})
    sent = Client().get(reverse("plan_pdf", args=[trajectory.pk]), follow=True)
    assert sent.redirect_chain == [(plan.get_absolute_url(), 302)] and "広場" in sent.content.decode()


# --- closing ----------------------------------------------------------------------------------


def test_it_closes_when_every_step_is_done_or_left_out(trajectory, editor):
    with pytest.raises(DomainError):
        services.close_trajectory(trajectory=trajectory, by=editor)
    today = timezone.localdate()
    trajectory.steps.update(state=StepState.DONE, done_on=today)
    services.close_trajectory(trajectory=trajectory, by=editor)
    assert trajectory.closed_on == today


# --- on the desk ------------------------------------------------------------------------------


def test_begun_from_the_page_of_a_place(editor, administrator, area, next_area, other_area):
    """The place is chosen, and stands first; one where somebody may not begin is not."""
    client, new = signed_in(editor), reverse("trajectory_new")
    address = f"{new}?area={area.slug}"
    assert address in client.get(area.get_absolute_url()).content.decode()
    assert client.get(address).context["form"]["areas"].value() == [area.pk]
    form = signed_in(administrator).get(f"{new}?area={next_area.slug}").context["form"]
    assert form.fields["areas"].queryset.first() == next_area
    elsewhere = client.get(f"{new}?area={other_area.slug}").context["form"]
    assert elsewhere["areas"].value() == []


def test_the_advice_stands_beside_the_level_of_influence(trajectory, area):
    page = signed_in(trajectory.owner).get(reverse("plan_edit", args=[trajectory.pk])).content.decode()
    assert f"Advies voor {area}: informeren." in page


def plan_fields(**more) -> dict:
    texts = {f"{name}_nl": value["nl"] for name, value in PLAN.items() if isinstance(value, dict)}
    return texts | {"influence": "coproduce", "activity0_nl": "Een peiling", "on0": "2026-05-01"} | more


def test_the_way_of_a_trajectory_over_its_pages(editor, area):
    client = signed_in(editor)
    fields = {"title": "Het plein", "areas": [area.pk], "phase": "preparation", "owner": editor.pk}
    client.post(reverse("trajectory_new"), fields)
    trajectory = Trajectory.objects.get()
    assert client.get(trajectory.get_absolute_url()).status_code == 200
    client.post(reverse("plan_edit", args=[trajectory.pk]), plan_fields())
    client.post(reverse("plan_publish", args=[trajectory.pk]))
    assert ParticipationPlan.objects.get(trajectory=trajectory).is_published
    due = (timezone.localdate() + timedelta(days=10)).isoformat()
    answer = client.post(
        reverse("trajectory_step", args=[trajectory.pk, 3]), {"to": "done", "owner": editor.pk, "due_on": due}
    )
    assert answer.status_code == 302
    assert (step(trajectory, 3).state, step(trajectory, 3).owner) == (StepState.DONE, editor)
    meeting = {
        "kind": "meeting",
        "on": due,
        "present": 30,
        "support_yes": 20,
        "support_partly": 5,
        "support_no": 2,
    }
    client.post(reverse("talk_back_new", args=[trajectory.pk]), meeting)
    page = client.get(trajectory.get_absolute_url()).content.decode()
    assert "20" in page and "27" in page


def test_what_was_typed_stays_when_a_gate_is_shut(trajectory, editor):
    address = reverse("trajectory_step", args=[trajectory.pk, Step.APPROACH])
    due = (timezone.localdate() + timedelta(days=10)).isoformat()
    page = signed_in(editor).post(address, {"to": "doing", "owner": editor.pk, "due_on": due})
    assert page.status_code == 422 and due in page.content.decode()
    assert step(trajectory, Step.APPROACH).due_on is None, "All of it or nothing."


def test_more_answers_than_people_are_counted_again(trajectory, editor):
    meeting = {"kind": "meeting", "on": "2026-05-01", "present": 10, "support_yes": 20}
    page = signed_in(editor).post(reverse("talk_back_new", args=[trajectory.pk]), meeting)
    assert page.context["form"].errors["present"] and not TalkBack.objects.exists()


# --- twice, too late, and two at once ---------------------------------------------------------


def test_pressed_twice_is_started_once(editor, area):
    fields = {"title": "Het plein", "areas": [area.pk], "phase": "preparation", "owner": editor.pk}
    client = signed_in(editor)
    first, second = (client.post(reverse("trajectory_new"), fields) for _ in range(2))
    assert first.url == second.url and Trajectory.objects.count() == 1
    assert Event.objects.filter(verb="started trajectory").count() == 1


def test_a_meeting_sent_twice_is_counted_once(trajectory, editor):
    meeting = {"kind": "meeting", "on": "2026-05-01", "present": 30, "support_yes": 20, "heard_nl": "Ja."}
    for _ in range(2):
        signed_in(editor).post(reverse("talk_back_new", args=[trajectory.pk]), meeting)
    assert TalkBack.objects.count() == 1
    signed_in(editor).post(reverse("talk_back_new", args=[trajectory.pk]), meeting | {"on": "2026-05-02"})
    assert TalkBack.objects.count() == 2


def test_nothing_changes_in_what_is_closed(trajectory, editor, area):
    """A page that stood open from before shows its button still."""
    publish_plan(trajectory)
    back = hold_meeting(trajectory)
    trajectory.steps.update(state=StepState.DONE, done_on=timezone.localdate())
    client, pk = signed_in(editor), trajectory.pk
    client.post(reverse("trajectory_close", args=[pk]))
    logged, plan = Event.objects.count(), ParticipationPlan.objects.values().get()
    fields = {"title": "Iets anders", "areas": [area.pk], "phase": "preparation", "owner": editor.pk}
    meeting = {"kind": "meeting", "on": "2026-05-01", "present": 1}
    for name, more, data in (
        ("trajectory_change", [], fields),
        ("trajectory_step", [3], {"to": "doing"}),
        ("plan_edit", [], plan_fields(why_changed_nl="Zomaar.", goal_nl="Iets anders.")),
        ("talk_back_new", [], meeting),
        ("talk_back", [back.pk], meeting),
    ):
        page = client.post(reverse(name, args=[pk, *more]), data)
        assert page.status_code in (200, 422) and "gesloten" in page.content.decode(), name
    for name in ("plan_publish", "trajectory_close"):
        page = client.post(reverse(name, args=[pk]), follow=True)
        assert "gesloten, dus" in page.content.decode(), name
    assert (Event.objects.count(), ParticipationPlan.objects.values().get()) == (logged, plan)
    assert refreshed(trajectory).title == "Het plein" and TalkBack.objects.get().present == 30


def test_saving_does_not_take_back_what_a_colleague_published(trajectory, editor):
    """Two editors: the one read the plan before the other published it, and saves after."""
    before = ParticipationPlan.objects.get(trajectory=trajectory)
    publish_plan(trajectory)
    with pytest.raises(DomainError):
        services.save_plan(plan=before, fields=PLAN, why={}, by=editor)
    services.save_plan(plan=before, fields=PLAN, why={"nl": "Een datum."}, by=editor)
    kept = ParticipationPlan.objects.get(trajectory=trajectory)
    assert kept.is_published and len(kept.changes) == 1


def test_what_runs_comes_before_what_ended(trajectory, editor, area, monkeypatch):
    monkeypatch.setattr("neighbourhoods.trajectories.views.TRAJECTORIES_SHOWN", 2)
    for days in (3, 2, 1):
        ended = timezone.localdate() - timedelta(days=days)
        Trajectory.objects.create(title=f"{days}", owner=editor, closed_on=ended).areas.set([area])
    page = signed_in(editor).get(reverse("trajectories"))
    assert [row["one"].title for row in page.context["trajectories"]] == ["Het plein", "1"]
