"""The plan: late first, two colleagues told of each other; and tasks that anybody takes on with one tap."""

import re
import threading
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.links import LinkPurpose, sign_link
from accounts.models import Contact, Event, Receipt
from accounts.states import ReceiptPurpose
from core.errors import DomainError, InvalidTransition
from feedback.contacts.services.hearing_back import confirm_key, leave_address
from feedback.delivery.services import pump
from feedback.models import Message
from feedback.private import services as private
from initiatives.initiatives.services import running, task_mail
from initiatives.models import Initiative, Task
from initiatives.retention import erase_task_holders
from initiatives.states import InitiativeState
from neighbourhoods.registries import retention_jobs
from tests.feedback.factories import make_contact, today
from tests.initiatives.factories import make_initiative, make_task
from tests.initiatives.test_library import fields_of
from tests.people import signed_in


@pytest.fixture
def initiative(municipality, area, coordinator):
    return make_initiative(area)


@pytest.fixture
def task(initiative):
    return make_task(initiative)


def taken(task, key="k" * 32):
    return running.take_task(task=task, submit_key=key, language="nl")


# --- the plan ---------------------------------------------------------------------------------


def test_late_ones_stand_first_and_done_ones_last(initiative):
    for what, fields in {
        "later": {"before": today(9)}, "no day": {"before": None}, "late": {"before": today(-2)},
        "done": {"done_on": today(-1)}, "soon": {"before": today(1)}, "done first": {"done_on": today(-9)},
    }.items():  # fmt: skip
        make_task(initiative, what=what, **fields)
    assert [task.what["nl"] for task in running.tasks_in_order(initiative)] == [
        "late", "soon", "later", "no day", "done", "done first",
    ]  # fmt: skip


def test_a_line_from_the_desk(initiative, coordinator):
    browser, url = signed_in(coordinator), reverse("plan_lines", args=[initiative.pk])
    data = {"what_nl": "Tafels lenen", "who": "de jongerenwerker", "before": today(3).isoformat()}
    back = f"/desk/initiatives/{initiative.pk}/"
    assert browser.post(url, data | {"back": back}).url == f"{back}#plan"
    assert browser.post(url, data | {"back": "https://evil.example/"}).url == f"{url}#plan"
    task = Task.objects.get()
    assert task.who == "de jongerenwerker" and not task.is_open and task.before == today(3)
    page = browser.get(url).content.decode()
    assert "Tafels lenen" in page and "De jongerenwerker" in page


def test_what_is_missing_is_said_and_what_was_typed_stays(initiative, coordinator):
    page = signed_in(coordinator).post(
        reverse("plan_lines", args=[initiative.pk]), {"who": "de buurman", "before": "nooit"}
    )
    assert page.status_code == 422 and 'value="de buurman"' in page.content.decode()
    assert not Task.objects.exists()


def test_viewer_reads_the_plan_and_changes_nothing(initiative, task, viewer):
    browser, url = signed_in(viewer), reverse("plan_lines", args=[initiative.pk])
    page = browser.get(url).content.decode()
    assert "Soep koken" in page and "<form" not in page.partition('id="main"')[2]
    assert browser.post(url, {"what_nl": "x"}).status_code == 403


def test_line_of_another_initiative_is_not_there(task, coordinator, area):
    other = make_initiative(area)
    assert signed_in(coordinator).get(reverse("plan_line", args=[other.pk, task.pk])).status_code == 404


def test_done_and_not_done_yet(initiative, task, coordinator):
    browser = signed_in(coordinator)

    def press(verb):
        browser.post(reverse("plan_do", args=[initiative.pk, task.pk, verb]))
        task.refresh_from_db()

    press("done")
    assert task.done_on == today()
    press("done")  # the second of two taps
    press("undo")
    assert task.done_on is None
    verbs = Event.objects.about(task).values_list("verb", flat=True)
    assert list(verbs) == ["took up again", "finished"]


def test_two_colleagues_change_one_line(initiative, task, coordinator, editor):
    url = reverse("plan_line", args=[initiative.pk, task.pk])
    mine = fields_of(signed_in(coordinator).get(url))
    signed_in(editor).post(url, mine | {"who": "de kok"})
    met = signed_in(coordinator).post(url, mine | {"who": "de bakker"})
    assert met.status_code == 409 and "de kok" in met.content.decode()
    task.refresh_from_db()
    assert task.who == "de kok"


def test_what_somebody_took_is_not_taken_out(task, coordinator):
    taken(task)
    task.refresh_from_db()
    with pytest.raises(DomainError):
        running.remove_task(task=task, by=coordinator)
    running.free(task=task, by=coordinator)
    task.refresh_from_db()
    running.remove_task(task=task, by=coordinator)
    assert not Task.objects.exists()


def test_pressed_twice_is_one_line_and_a_plan_ends_somewhere(initiative, coordinator, monkeypatch):
    line = {"what": {"nl": "x"}, "who": "", "before": None, "is_open": False}
    assert running.add_task(initiative=initiative, by=coordinator, **line) == running.add_task(
        initiative=initiative, by=coordinator, **line
    )
    monkeypatch.setattr(running, "MAX_TASKS_PER_PLAN", 1)
    with pytest.raises(DomainError):
        running.add_task(initiative=initiative, by=coordinator, **(line | {"who": "de kok"}))


# --- taking it on -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "state", "free"),
    [
        ({}, "running", True),
        ({}, "preparing", True),
        ({}, "idea", False),
        ({}, "ended", False),
        ({"is_open": False}, "running", False),
        ({"done_on": date(2026, 1, 1)}, "running", False),
    ],
)
def test_what_can_be_taken(municipality, area, fields, state, free):
    task = make_task(make_initiative(area, state=state), **fields)
    assert task.can_be_taken == (task in Task.objects.open_to_take()) == free
    if not free:
        with pytest.raises(InvalidTransition):
            taken(task)
        assert not Receipt.objects.exists(), "who was refused leaves nothing behind"


def test_two_taps_are_one_and_somebody_else_is_too_late(task):
    receipt, code = taken(task)
    assert taken(task) == (receipt, code)
    with pytest.raises(InvalidTransition):
        taken(task, "o" * 32)
    assert Receipt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_four_at_once_are_one(area):
    task, came, gate = make_task(make_initiative(area)), [], threading.Barrier(4)

    def tap(key: str) -> None:
        gate.wait()
        try:
            came.append(taken(task, key))
        except InvalidTransition:
            came.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=tap, args=[key]) for key in ("a", "a", "b", "c")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(came) == 4 and 1 <= sum(one is not None for one in came) <= 2
    assert Receipt.objects.count() == 1 and Task.objects.get().taken_by == Receipt.objects.get()


def test_given_back_is_open_again_and_done_is_done(task):
    receipt, _code = taken(task)
    stranger, _code = taken(make_task(task.initiative), "s" * 32)
    running.return_task(task=task, receipt=stranger)
    assert Task.objects.get(pk=task.pk).taken_by == receipt, "only who has it gives it back"
    running.return_task(task=task, receipt=receipt)
    assert task in Task.objects.open_to_take()
    receipt, _code = taken(task, "n" * 32)
    running.report_task_done(task=task, receipt=receipt)
    running.return_task(task=task, receipt=receipt)
    assert Task.objects.get(pk=task.pk).done_on == today()


# --- pages ------------------------------------------------------------------------------------


def took(task) -> tuple[Client, str]:
    """A browser in which somebody took it on, and the page that came."""
    browser = Client()
    browser.get(reverse("task_take", args=[task.pk]))
    response = browser.post(reverse("task_take", args=[task.pk]), {"key": "k" * 32})
    assert response.status_code == 302
    return browser, response.url


def test_one_tap_gives_a_code_and_a_page(task):
    browser, url = took(task)
    page = browser.get(url)
    receipt = Receipt.objects.get()
    assert page.context["code"] in page.content.decode() and page["X-Robots-Tag"] == "noindex"
    assert Client().get(url).url == reverse("private_code"), "somebody else sees no code"
    own = browser.get(page.context["private_link"]).content.decode()
    assert "Soep koken" in own
    token = sign_link(receipt, LinkPurpose.PAGE)
    assert browser.get(reverse("task_mine", args=[token, task.pk, "back"])).status_code == 405
    browser.post(reverse("task_mine", args=[token, task.pk, "back"]))
    task.refresh_from_db()
    assert task.can_be_taken


def test_an_address_is_optional_and_has_its_own_consent(task):
    browser, url = took(task)
    refused = browser.post(url, {"email": "buur@example.org"})
    assert refused.status_code == 422 and "buur@example.org" in refused.content.decode()
    assert not Contact.objects.exists()
    left = browser.post(url, {"email": "buur@example.org", "consent": "on", "is_16_or_older": "on"})
    assert left.status_code == 302
    contact = Contact.objects.get()
    assert contact.receipt == Receipt.objects.get() and contact.confirmed_at is None
    assert Message.objects.get().purpose == "confirm"


def test_who_is_too_late_sees_what_else_there_is(task):
    make_task(task.initiative, what="Stoelen zetten")
    took(task)
    late = Client().post(reverse("task_take", args=[task.pk]), {"key": "z"})
    assert late.status_code == 409 and "Stoelen zetten" in late.content.decode()


def test_a_task_that_goes_while_somebody_takes_it_on_is_gone(task, coordinator, monkeypatch):
    take = running.take_task

    def too_late(**asked):
        Task.objects.filter(pk=task.pk).delete()
        return take(**asked)

    monkeypatch.setattr(running, "take_task", too_late)
    assert Client().post(reverse("task_take", args=[task.pk]), {"key": "z"}).status_code == 404


def test_two_browsers_with_a_copy_of_the_same_page_are_two_people(task):
    """The key stands in the page, which a proxy may have copied."""
    browser, url = took(task)
    assert browser.post(reverse("task_take", args=[task.pk]), {"key": "k" * 32}).url == url
    other = Client()
    other.get(reverse("task_take", args=[task.pk]))
    assert other.post(reverse("task_take", args=[task.pk]), {"key": "k" * 32}).status_code == 409


def test_nobody_empties_the_list(initiative):
    browser = Client()
    tasks = [make_task(initiative, what=f"Taak {n}") for n in range(11)]
    statuses = [browser.post(reverse("task_take", args=[one.pk]), {"key": "k"}).status_code for one in tasks]
    assert statuses == [302] * 10 + [429]


def test_task_of_an_idea_is_not_there(area):
    task = make_task(make_initiative(area, state=InitiativeState.IDEA))
    assert Client().get(reverse("task_take", args=[task.pk])).status_code == 404


def test_page_of_somebody_else_does_nothing(task):
    receipt, _code = taken(task)
    other, _code = taken(make_task(task.initiative), "o" * 32)
    token = sign_link(other, LinkPurpose.PAGE)
    Client().post(reverse("task_mine", args=[token, task.pk, "done"]))
    task.refresh_from_db()
    assert task.done_on is None and task.taken_by == receipt


# --- what is theirs ---------------------------------------------------------------------------


@pytest.mark.parametrize("action", [private.withdraw_receipt, private.erase])
def test_withdrawing_and_erasing_set_it_free(task, action):
    receipt, _code = taken(task)
    assert "Soep koken" in str(private.download(receipt))
    action(receipt=receipt)
    task.refresh_from_db()
    assert task.can_be_taken and task.taken_on is None


def test_pages_of_what_is_over_go_in_time(task, initiative):
    receipt, _code = taken(task)
    back, _code = taken(other := make_task(initiative), "o" * 32)
    running.return_task(task=other, receipt=back)
    Receipt.objects.update(created_on=today(-100))
    erase_task_holders(timezone.now(), 60)
    assert list(Receipt.objects.all()) == [receipt], "what stands is kept"
    Task.objects.filter(pk=task.pk).update(done_on=today(-60))
    erase_task_holders(timezone.now(), 60)
    assert Receipt.objects.exists()
    Task.objects.filter(pk=task.pk).update(done_on=today(-61))
    erase_task_holders(timezone.now(), 60)
    assert not Receipt.objects.exists() and Task.objects.get(pk=task.pk).done_on


def test_of_what_ended_the_pages_go_in_time_too(task, initiative):
    taken(task)
    Receipt.objects.update(created_on=today(-400))
    Initiative.objects.filter(pk=initiative.pk).update(
        state="ended", state_on=today(-60), next_action="", next_action_on=None
    )
    erase_task_holders(timezone.now(), 60)
    assert Receipt.objects.exists()
    Initiative.objects.update(state_on=today(-61))
    erase_task_holders(timezone.now(), 60)
    assert not Receipt.objects.filter(purpose=ReceiptPurpose.TASK).exists()


# --- a page that came with a task speaks of a task --------------------------------------------


def test_no_page_or_mail_of_a_task_speaks_of_an_offer_or_an_answer(task, sink):
    receipt, _code = taken(task)
    token, client = sign_link(receipt, LinkPurpose.PAGE), Client()
    contact = leave_address(
        receipt=receipt, email="buur@example.org", is_16_or_older=True, consent_sentence="Ja."
    )
    pump.dispatch_due()
    (mail,) = sink.mails
    confirm = sign_link(receipt, LinkPurpose.CONFIRM, confirm_key(contact))
    stop = sign_link(receipt, LinkPurpose.UNSUBSCRIBE)
    pages = {
        name: reverse(name, args=[token])
        for name in ("private_page", "private_withdraw", "private_erase", "private_download")
    } | {
        "private_confirm": reverse("private_confirm", args=[confirm]),
        "private_unsubscribe": reverse("private_unsubscribe", args=[stop]),
    }
    said = {name: main_of(client.get(url)) for name, url in pages.items()}
    client.post(pages["private_confirm"])
    said["confirmed"] = main_of(client.get(pages["private_confirm"]))
    client.post(pages["private_unsubscribe"], {"action": "answer"})
    said["unsubscribed"] = main_of(client.get(pages["private_unsubscribe"]))
    said["mail"] = mail.get_body(("plain",)).get_content()
    wrong = re.compile(r"aanbod|aangeboden|voorstel|uw antwoord|meedoen", re.IGNORECASE)
    assert not {name: wrong.findall(text) for name, text in said.items() if wrong.search(text)}


def main_of(response) -> str:
    page = response.content.decode()
    return page[page.index("<main") : page.index("</main")]


def test_an_address_of_a_task_that_nobody_confirmed_goes_after_a_week(task):
    receipt, _code = taken(task)
    make_contact(receipt, confirmed=False, created_at=timezone.now() - timedelta(days=8))
    retention_jobs["unconfirmed"](timezone.now(), 7)
    assert not Contact.objects.exists() and Receipt.objects.filter(pk=receipt.pk).exists()


# --- the mail before it is needed -------------------------------------------------------------


@pytest.fixture
def due(task):
    """Taken on last week by somebody who confirmed an address, and needed tomorrow."""
    receipt, _code = taken(task)
    make_contact(receipt, email="buur@example.org")
    Task.objects.update(before=today(1), taken_on=today(-6))
    task.refresh_from_db()
    return task


def test_who_took_it_hears_before_it_is_needed_once(due, sink):
    task_mail.remind()
    assert task_mail.remind().startswith("1 ")
    pump.dispatch_due()
    (mail,) = sink.mails
    said = mail.get_body(("plain",)).get_content()
    assert "Soep koken" in said and "Soep koken" not in mail["Subject"]
    assert "/v/t/" in said and "/v/u/" in said
    Task.objects.update(before=today(2))
    task_mail.remind()
    assert Message.objects.filter(purpose="task").count() == 2, "another day is told anew"


@pytest.mark.parametrize(
    "change",
    [
        lambda task: Task.objects.update(before=today(5)),
        lambda task: Task.objects.update(before=today(-1)),
        lambda task: Task.objects.update(taken_on=today()),
        lambda task: Task.objects.update(done_on=today()),
        lambda task: Contact.objects.update(confirmed_at=None),
        lambda task: Contact.objects.update(unsubscribed_at=timezone.now()),
        lambda task: Contact.objects.all().delete(),
        lambda task: task.initiative.move(InitiativeState.ENDED),
    ],
)
def test_who_is_not_reminded(due, change):
    change(due)
    task_mail.remind()
    assert not Message.objects.filter(purpose="task").exists()


def test_what_was_given_back_meanwhile_is_not_said(due, sink):
    task_mail.remind()
    running.return_task(task=due, receipt=due.taken_by)
    pump.dispatch_due()
    assert not sink.mails
    assert Message.objects.get(purpose="task").state == "cancelled"


def test_link_in_the_mail_opens_this_task_alone(due):
    url = reverse("task_mailed", args=[sign_link(due.taken_by, LinkPurpose.TASK, str(due.pk))])
    browser = Client()
    assert "Soep koken" in browser.get(url).content.decode()
    assert browser.get(url.replace("/t/", "/")).status_code == 404, "not the whole page"
    assert Task.objects.get().taken_by, "opening it writes nothing"
    browser.post(url, {"action": "back"})
    due.refresh_from_db()
    assert due.can_be_taken
    assert "Soep koken" not in browser.get(url).content.decode()


def test_nothing_is_added_to_the_plan_of_what_ended(area, coordinator):
    over = make_initiative(area, state="ended")
    with pytest.raises(DomainError):
        running.add_task(initiative=over, by=coordinator, what={"nl": "Vegen"})
    page = signed_in(coordinator).get(reverse("initiative", args=[over.pk])).content.decode()
    assert reverse("plan_lines", args=[over.pk]) not in page
