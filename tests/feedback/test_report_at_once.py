"""Two people in the same second at one final report: what is frozen is what stands there."""

import pytest

from core.errors import InvalidTransition
from feedback.models import FinalReport
from feedback.reports.services import reports
from tests.at_once import BOTH_WAYS, Action, every_meeting
from tests.feedback.reports import finish, make_trajectory
from tests.people import make_municipality

pytestmark = [
    pytest.mark.server_databases,  # SQLite lets one writer in at a time
    pytest.mark.django_db(transaction=True),
]
MOST = 200
WORDS = {"nl": "Zo begon het."}


@pytest.fixture
def begun(area, editor):
    """A report in which nothing lacks; its last version is at [-1]."""
    make_municipality(languages=["nl"])
    made: list[FinalReport] = []

    def make() -> FinalReport:
        trajectory = make_trajectory([area], editor, title=f"Het plein, {len(made)}")
        made.append(report := reports.begin_report(trajectory=trajectory, by=editor))
        report.trajectory = trajectory
        return report

    make.made = made  # type: ignore[attr-defined]
    return make


def again(report: FinalReport) -> FinalReport:
    """As a colleague has it before them."""
    found = FinalReport.objects.get(pk=report.pk)
    found.trajectory = report.trajectory
    return found


@BOTH_WAYS
def test_written_while_a_colleague_finishes(begun, editor, turned):
    def make() -> tuple[Action, Action]:
        report = begun()
        mine = again(report)
        actions = (
            lambda: reports.save_report_draft(report=mine, fields={"introduction": WORDS}, by=editor),
            lambda: finish(report),
        )
        return actions[::-1] if turned else actions

    for met in every_meeting(make, most=MOST):
        assert all(isinstance(error, InvalidTransition) for error in met.errors.values()), met
        found = FinalReport.objects.get(pk=begun.made[-1].pk)
        if found.is_finished:
            frozen = [block["text"] for block in found.content["nl"]["introduction"]]
            assert frozen == ([WORDS["nl"]] if found.introduction else []), met


def test_two_finish_it(begun, editor):
    def make() -> tuple[Action, Action]:
        report = begun()
        mine = again(report)
        return lambda: finish(report), lambda: finish(mine)

    for met in every_meeting(make, most=MOST):
        assert len(met.errors) == 1 and isinstance(*met.errors.values(), InvalidTransition), met
        assert FinalReport.objects.finished().filter(pk=begun.made[-1].pk).count() == 1
