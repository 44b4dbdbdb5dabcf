"""The mailbox page, which exists while trying Nabij out."""

import pytest

from accounts.models import User
from feedback.delivery.services import outbox, pump
from feedback.models import Message
from tests.people import make_user


@pytest.fixture
def mailed(db, settings) -> User:
    settings.EMAIL_URL = "mailbox://"
    user = make_user(email="editor@waterdam.example")
    outbox.queue_message(
        purpose="notice", dedupe_key="n", language="nl", user=user, subject="Twee mensen wachten",
        text="Kijk op http://localhost/desk/ even mee.", html="<html><head></head><body>Hallo</body></html>",
    )  # fmt: skip
    pump.dispatch_due()
    return user


def test_empty_mailbox(client, db):
    assert client.get("/mailbox/").status_code == 200


def test_mailbox_lists_and_opens(client, mailed):
    assert Message.objects.get().state == "sent"
    page = client.get("/mailbox/")
    (mail,) = page.context["mails"]
    opened = client.get(f"/mailbox/{mail.name}/").content.decode()
    assert "Twee mensen wachten" in opened and 'href="http://localhost/desk/"' in opened
    assert "sandbox" in opened


def test_body_can_run_nothing(client, mailed):
    name = client.get("/mailbox/").context["mails"][0].name
    body = client.get(f"/mailbox/{name}/body")
    policy = body["Content-Security-Policy"]
    assert "Hallo" in body.content.decode()
    assert "default-src 'none'" in policy and "script-src" not in policy


def test_unknown_mail(client, db):
    assert client.get("/mailbox/12/").status_code == 404
