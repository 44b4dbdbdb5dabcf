"""A request sent away by a deadlock is tried once more, unseen; no other error is."""

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from zeal import zeal_ignore

from feedback.private import services as private
from initiatives.initiatives.services import running
from initiatives.models import Initiative
from initiatives.states import InitiativeState
from neighbourhoods.states import Role
from tests.feedback.factories import make_debt, make_receipt
from tests.feedback.journey import page_of
from tests.initiatives.factories import make_initiative
from tests.people import make_membership, make_user

pytestmark = pytest.mark.django_db


def sent_away(code: str) -> OperationalError:
    cause = Exception()
    cause.pgcode = code  # type: ignore[attr-defined]
    error = OperationalError("the database sent one of the two away")
    error.__cause__ = cause
    return error


@pytest.fixture
def withdrawing(monkeypatch):
    """Withdrawing an answer; what comes before it works is raised one by one."""

    def withdraw(*errors: Exception):
        original, left = private.withdraw_receipt, list(errors)

        def first_these(**arguments):
            if left:
                raise left.pop(0)
            return original(**arguments)

        monkeypatch.setattr(private, "withdraw_receipt", first_these)
        receipt = make_receipt()
        make_debt(receipt=receipt)
        with zeal_ignore():  # the same questions twice is what it is about
            answer = Client(raise_request_exception=False).post(page_of(receipt) + "withdraw/")
        return answer.status_code, receipt.contributions.get().withdrawn_on is not None

    return withdraw


def test_a_deadlock_is_tried_again_unseen(withdrawing):
    assert withdrawing(sent_away("40P01")) == (302, True)


def test_only_once(withdrawing):
    assert withdrawing(sent_away("40P01"), sent_away("40P01")) == (500, False)


def test_another_error_is_an_error(withdrawing):
    assert withdrawing(sent_away("53100")) == (500, False)


def test_an_idea_erased_while_a_colleague_writes_gives_the_words_back(monkeypatch):
    editor, idea = make_user(), make_initiative(state=InitiativeState.IDEA)
    make_membership(editor, Role.EDITOR, idea.area)
    client, original = Client(raise_request_exception=False), running.end_initiative
    client.force_login(editor)
    url = reverse("initiative_end", args=[idea.pk])

    def erased_first(*, initiative, **said):
        Initiative.objects.filter(pk=initiative.pk).delete()
        return original(initiative=initiative, **said)

    monkeypatch.setattr(running, "end_initiative", erased_first)
    answer = client.post(url, {"thanks_nl": "Dank aan allen.", "learned_nl": "Veel."})
    assert answer.status_code == 410
    assert "Dank aan allen." in answer.content.decode()


def test_a_row_that_was_never_there_is_an_error_and_not_tried_again(withdrawing):
    assert withdrawing(Initiative.DoesNotExist()) == (500, False)


def test_a_forged_form_is_refused_before():
    assert Client(enforce_csrf_checks=True).post(reverse("set_language")).status_code == 403
