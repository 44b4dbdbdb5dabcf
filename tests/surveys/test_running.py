"""A survey from published to closed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError, InvalidTransition
from neighbourhoods.backing.services import withdraw_backing
from neighbourhoods.models import Backing
from surveys.builder.services.publish import publish_survey, return_to_draft
from surveys.models import Survey, SurveyVersion
from surveys.opening.services.running import (
    OpeningRefused,
    ask_backer,
    close_survey,
    open_survey,
    pause_survey,
    resume_survey,
)
from surveys.states import SurveyState
from tests.surveys.drafts import back, make_draft, make_open, make_published

pytestmark = pytest.mark.django_db
S = SurveyState


@pytest.fixture
def published(area, editor) -> Survey:
    return make_published(areas=[area], by=editor)


@pytest.fixture
def open_one(area, editor, backer) -> Survey:
    return make_open(areas=[area], by=editor, backer=backer)


def test_open_needs_a_signature(published, editor):
    with pytest.raises(OpeningRefused):
        open_survey(survey=published, by=editor)


def test_request_alone_does_not_open(published, editor, backer):
    ask_backer(
        survey=published,
        backer=backer,
        statement={"nl": "Ja."},
        until=timezone.localdate() + timedelta(days=9),
        by=editor,
    )
    with pytest.raises(OpeningRefused):
        open_survey(survey=published, by=editor)


def test_signature_on_another_version_does_not_open(published, editor, backer):
    back(published, backer=backer, by=editor)
    Backing.objects.update(digest="b" * 64)
    with pytest.raises(OpeningRefused):
        open_survey(survey=published, by=editor)


def test_changed_version_does_not_open(published, editor, backer):
    back(published, backer=backer, by=editor)
    version = published.current
    SurveyVersion.objects.filter(pk=version.pk).update(
        document=version.document | {"title": {"nl": "Iets anders"}}
    )
    published.refresh_from_db()
    with pytest.raises(OpeningRefused):
        open_survey(survey=published, by=editor)


def test_expired_backing_does_not_open(published, editor, backer):
    back(published, backer=backer, by=editor)
    with pytest.raises(OpeningRefused):
        open_survey(survey=published, by=editor, now=timezone.now() + timedelta(days=301))


def test_passed_promise_does_not_open(published, editor, backer):
    back(published, backer=backer, by=editor)
    with pytest.raises(OpeningRefused):
        open_survey(survey=published, by=editor, now=timezone.now() + timedelta(days=60))


def test_open_remembers_who_stands_behind_it(open_one, backer):
    assert open_one.state == S.OPEN
    assert open_one.current.backing.backer == backer


def test_open_twice_is_refused(open_one, editor):
    with pytest.raises(InvalidTransition):
        open_survey(survey=open_one, by=editor)


def test_pause_and_resume(open_one, editor):
    assert pause_survey(survey=open_one, by=editor).state == S.PAUSED
    assert resume_survey(survey=open_one, by=editor).state == S.OPEN


def test_resume_after_backing_was_withdrawn(open_one, editor, backer):
    pause_survey(survey=open_one, by=editor)
    withdraw_backing(backing=Backing.objects.get(), by=backer, reason="Nee.")
    with pytest.raises(OpeningRefused):
        resume_survey(survey=open_one, by=editor)


def test_close_leaves_a_final_snapshot(open_one, editor):
    close_survey(survey=open_one, by=editor)
    assert open_one.closed_at
    assert open_one.snapshots.get().is_final


def test_closed_never_opens_again(open_one, editor):
    close_survey(survey=open_one, by=editor)
    for action in (open_survey, pause_survey, resume_survey, close_survey, return_to_draft):
        with pytest.raises(DomainError):
            action(survey=open_one, by=editor)


def test_taken_back_text_is_no_longer_backed(published, editor, backer):
    back(published, backer=backer, by=editor)
    return_to_draft(survey=published, by=editor)
    assert Backing.objects.get().state == "withdrawn"
    publish_survey(survey=published, by=editor)
    published.refresh_from_db()
    with pytest.raises(OpeningRefused):
        open_survey(survey=published, by=editor)


def test_draft_cannot_be_backed(area, editor, backer):
    with pytest.raises(OpeningRefused):
        ask_backer(
            survey=make_draft(areas=[area], by=editor),
            backer=backer,
            statement={"nl": "Ja."},
            until=timezone.localdate(),
            by=editor,
        )


def test_a_backer_who_withdrew_is_not_named_to_residents(open_one, backer, client):
    """The survey goes on: who stands behind it is shown only as long as they do."""
    start = reverse("start", args=[open_one.channels.first().code])
    assert "The alderman" in client.get(start).content.decode()
    withdraw_backing(backing=Backing.objects.get(), by=backer)
    assert "The alderman" not in client.get(start).content.decode()
