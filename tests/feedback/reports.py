"""A trajectory that is ready for its final report: asked, answered, and what everybody may know of it."""

from collections.abc import Iterable
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from core.revision import revision
from feedback.models import FinalReport, FollowUp
from feedback.reports.services import reports
from feedback.states import FollowUpState, Outcome, Owed
from neighbourhoods.models import Area, ParticipationPlan, Theme, Trajectory
from neighbourhoods.states import Phase, Step, StepState
from neighbourhoods.trajectories.services import start_trajectory
from surveys.models import Snapshot, Survey
from surveys.publication import OPEN_GROUP, ExactCounts, QuestionCounts, SnapshotTables, next_snapshot_tables
from tests.feedback.factories import make_debt, make_follow_up, make_topic
from tests.people import make_theme
from tests.surveys.polls import make_survey

PLAN = {
    "goal": {"nl": "Een plein voor iedereen.", "en": "A square for everybody."},
    "fixed": {"nl": "Er komen geen auto's.", "en": "There will be no cars."},
    "influence": "advise",
    "influence_why": {"nl": "U kent het plein.", "en": "You know the square."},
    "who": {"nl": "Wie er woont.", "en": "Who lives there."},
    "activities": [{"what": {"nl": "Een peiling", "en": "A poll"}, "on": "2026-10-10"}],
    "input_use": {"nl": "De raad besluit.", "en": "The council decides."},
    "reporting": {"nl": "Op deze pagina.", "en": "On this page."},
}
ANSWERED_STEPS = (Step.MANDATE, Step.PROMISE, Step.POLL, Step.TALK_BACK, Step.FEEDBACK)


def make_trajectory(
    areas: list[Area], owner: User, *, answered: bool = True, title: str = "Het plein"
) -> Trajectory:
    """With a published plan; `answered` when everybody heard, so that only the themes are asked after."""
    trajectory = start_trajectory(title=title, areas=areas, phase=Phase.PREPARATION, owner=owner, by=owner)
    plan = ParticipationPlan.objects.filter(trajectory=trajectory)
    plan.update(published_at=timezone.now() - timedelta(days=90), **PLAN)
    if answered:
        steps = trajectory.steps.filter(number__in=ANSWERED_STEPS)
        steps.update(state=StepState.DONE, done_on=timezone.localdate())
    return Trajectory.objects.select_related("plan", "owner").get(pk=trajectory.pk)


def make_asked(trajectory: Trajectory, theme: Theme, numbers: Iterable[int] = (95, 60, 4)) -> Survey:
    """A survey whose first question asks for needs: so many people chose each of its three answers."""
    areas = list(trajectory.areas.all())
    survey = make_survey(areas=areas, owner=trajectory.owner, theme=theme)
    Survey.objects.filter(pk=survey.pk).update(trajectory=trajectory)
    question = survey.current.document["layers"][0]["questions"][0]
    counts = dict(zip((option["id"] for option in question["options"]), numbers, strict=True))
    tell(survey, {OPEN_GROUP: heard(question["id"], counts)})
    for option in question["options"]:
        topic = make_topic(
            f"option:{option['id']}",
            source=survey.subject,
            area=areas[0],
            theme=theme,
            title=option["label"]["nl"],
        )
        if counts[option["id"]]:
            make_debt(topic, owner=trajectory.owner, state=Owed.PUBLISHED)
    return survey


def heard(question: str, options: dict[str, int]) -> ExactCounts:
    people = sum(options.values())
    return ExactCounts(people, {}, {question: (QuestionCounts(people, people, options), {})})


def tell(survey: Survey, ways: dict[str, ExactCounts], threshold: int = 10) -> None:
    """The snapshot as it would be taken of these exact counts."""
    cache.clear()
    kept = next_snapshot_tables(ways, SnapshotTables(), threshold, "2026-10-20")
    if kept:
        Snapshot.objects.create(
            survey=survey, responses=1, tables=kept.tables, parts=kept.parts, exact=kept.exact, is_final=True
        )


def answer(survey: Survey, *, key: str | list[str] = "", **fields) -> FollowUp:
    """An answer that stands on everybody's page."""
    fields = {"outcome": Outcome.PARTLY, "areas": []} | fields
    return make_follow_up(
        source=survey.subject, key=key, state=FollowUpState.FANNED_OUT, owner=survey.owner, **fields
    )


def make_ready(areas: list[Area], owner: User) -> FinalReport:
    """Begun, and nothing keeps it from being finished."""
    trajectory = make_trajectory(areas, owner)
    answer(make_asked(trajectory, make_theme("square")))
    report = reports.begin_report(trajectory=trajectory, by=owner)
    report.trajectory = trajectory
    return report


def finish(report: FinalReport, by: User | None = None) -> FinalReport:
    seen = revision(reports.build_all_languages(report))
    return reports.finish_report(report=report, seen=seen, by=by or report.trajectory.owner)
