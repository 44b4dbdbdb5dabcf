"""Whatever a job takes in hand is held in one way: by one at a time, given back, taken over, and told when it fails."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from core import jobs
from core.jobs import Interrupted, LeasedJob, LeasedModel
from feedback.answers.services import letters_by_post
from feedback.models import LetterBatch
from neighbourhoods.imports.services import imports
from neighbourhoods.models import Import
from neighbourhoods.states import FileState, ImportKind
from surveys.invitations.services import post
from surveys.models import Channel, Export, LetterRun, PaperRun
from surveys.paper.services import paper_forms
from surveys.results.services import exports
from surveys.states import ChannelKind, ExportForm, LetterState
from tests.house import our_models
from tests.people import make_municipality
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db

WORK = {
    Import: imports.ImportJob,
    LetterRun: post.LetterRunJob,
    PaperRun: paper_forms.PaperRunJob,
    Export: exports.ExportJob,
    LetterBatch: letters_by_post.LetterBatchJob,
}


def test_nothing_else_is_worked_on_by_jobs():
    assert {model for model in our_models() if issubclass(model, LeasedModel)} == set(WORK)


@pytest.fixture(params=WORK, ids=lambda model: model.__name__)
def work(request, area, editor) -> type[LeasedJob]:
    """Something waits for it."""
    make_municipality()
    survey = make_survey(areas=[area], owner=editor)
    way = Channel.objects.create(survey=survey, kind=ChannelKind.PAPER, name="x", code="x")
    fields = {
        Import: {"kind": ImportKind.BORDERS, "file_name": "a"},
        LetterRun: {"channel": way, "state": LetterState.MAKING},
        PaperRun: {
            "channel": way,
            "version": survey.current,
            "language": "nl",
            "first_number": 1,
            "forms": 1,
            "checked": 0,
        },
        LetterBatch: {},
        Export: {"survey": survey, "form": ExportForm.CSV, "reason": "x", "until": timezone.now()},
    }
    request.param.objects.create(created_by=editor, **fields[request.param])
    return WORK[request.param]


def row_of(hand: LeasedJob) -> LeasedModel:
    return type(hand.row).objects.get()


def how_far(work: type[LeasedJob]) -> str:
    """Where it keeps how much is done."""
    return "letters" if work is letters_by_post.LetterBatchJob else "done"


def test_one_at_a_time(work):
    assert work.take() and work.take() is None


def test_a_job_that_has_to_stop_gives_it_back(work):
    hand = work.take()
    with mock.patch.object(jobs.stopping, "is_set", return_value=True):
        assert hand.work() is False
    assert row_of(hand).lease_until is None and work.take()


def test_another_takes_over_and_the_late_one_writes_nothing(work):
    late = work.take()
    type(late.row).objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    other = work.take()
    assert other.is_mine() and not late.is_mine()
    with pytest.raises(Interrupted):
        late.renew(**{how_far(work): 1})
    before = row_of(late).state
    assert late.end(next(iter(late.row.TRANSITIONS[before]))) is False
    assert late.work() is False and row_of(late).state == before and other.is_mine()


def test_renewed_on_the_way(work):
    hand = work.take()
    until = row_of(hand).lease_until
    hand.renew(**{how_far(work): 1})
    assert row_of(hand).lease_until > until and getattr(row_of(hand), how_far(work)) == 1 and hand.is_mine()


def test_what_goes_wrong_ends_it(work):
    hand = work.take()
    with mock.patch.object(work, "make", side_effect=RuntimeError):
        assert hand.work() is True
    row = row_of(hand)
    assert row.lease_until is None and not row.is_busy and work.take() is None
    assert row.state in (FileState.REFUSED, LetterState.STUCK)
