"""What is measured inside the house: prints how long it took, or how many queries."""

import json
import re
import resource
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from bench.filling import signed_in, survey_of_linde
from bench.phones import taps

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def queries() -> None:
    """Prints how many queries an answer page and an answer cost at most, with 4 and with 40 questions.

    Transaction statements are not counted. The first walk warms what a process keeps.
    """
    walk("linde"), walk("forty")
    print(json.dumps({poll: walk(poll) for poll in ("linde", "forty")}))


def walk(poll: str) -> dict[str, int]:
    """Answer everything in the first layer, and in the next when it has only buttons."""
    from django.test import Client

    phone = Client(SERVER_NAME="127.0.0.1", headers={"accept-language": "nl"})
    url = phone.post(f"/p/{poll}/begin/", {"submit_key": secrets.token_urlsafe(24)}).url
    most = {"questions": 0, "get": 0, "post": 0}
    while "/q/" in url:
        with counting() as asked:
            page = phone.get(url).content.decode()
        most["get"] = max(most["get"], len(asked))
        name, value = taps(page)[0]
        with counting() as asked:
            url = phone.post(url, {name: value}).url
        most["post"] = max(most["post"], len(asked))
        most["questions"] += 1
        if "/thanks/" in url and poll == "forty" and most["questions"] < 40:
            layer = re.findall(r'name="layer" value="(\d+)"', phone.get(url).content.decode())[0]
            url = phone.post(f"/p/{poll}/layer/", {"layer": layer}).url
    return most


@contextmanager
def counting() -> Iterator[list[str]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    asked: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield asked
    asked += [query["sql"] for query in captured if not query["sql"].startswith(TRANSACTION)]


def compare() -> None:
    """Prints the cookies of an editor, where all areas stand side by side, and how many queries each way to look
    costs. The numbers on the rail, kept for a minute, are looked up before."""
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from bench.compare import LOOKS

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(
        User.objects.get(email__startswith="editor@"), backend="django.contrib.auth.backends.ModelBackend"
    )
    url, queries = reverse("areas_compare"), {}
    client.get(reverse("me"))
    for name, query in LOOKS.items():
        with counting() as asked:
            client.get(url + query)
        queries[name] = len(asked)
    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    print(json.dumps({"cookies": cookies, "url": url, "queries": queries}))


def export(form: str) -> None:
    """Make a file of all answers to `linde`. Prints seconds, MB of the file, and the most memory this process had."""

    from surveys.models import Export
    from surveys.results.services import exports

    survey = survey_of_linde()
    by = survey.owner
    exports.name_colleague(survey=survey, user=by, by=by)
    asked = exports.ask_export(
        survey=survey, form=form, version=None, with_words=False, reason="To measure", by=by
    )
    begun = time.monotonic()
    exports.run_export_jobs()
    took = time.monotonic() - begun
    made = Export.objects.get(pk=asked.pk)
    assert made.state == "made"
    print(
        json.dumps(
            {
                "rows": made.done,
                "seconds": took,
                "size": exports.path_of(made).stat().st_size / 1e6,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def publish_draft(survey: int) -> None:
    """Prints the seconds that publishing took."""

    from surveys.builder.services.publish import publish_survey
    from surveys.models import Survey

    found = Survey.objects.get(pk=survey)
    begun = time.perf_counter()
    publish_survey(survey=found, by=found.owner)
    print(time.perf_counter() - begun)


def postcodes(number: int, there: int) -> None:
    """Look up so many postcodes out of all there are; prints how much work half of them and 99 of 100 were."""

    from bench import country
    from neighbourhoods.imports.services.postcodes import areas_of_postcode

    chance, worked, known = Random(7), [], 0
    for _one in range(number):
        code = country.postcode(chance.randrange(there))
        started = time.thread_time()
        found = areas_of_postcode(code)
        worked.append((time.thread_time() - started) * 1000)
        known += bool(found)
    assert known > number * 0.99, "all but those of the few areas that ended a year later"
    worked.sort()
    print(json.dumps({"half": worked[number // 2], "slow": worked[round(number * 0.99) - 1]}))


def letters(number: int = 10_000) -> None:
    """Makes so many letters as the job does, invites as many addresses, and prints how that went."""

    from django.urls import reverse

    from accounts.models import User
    from surveys.invitations.services import invitations
    from surveys.invitations.services import post as services
    from surveys.models import LetterRun

    editor = User.objects.get(email__startswith="editor@")
    survey = survey_of_linde()
    rows = [f"Lindelaan;{n};bis;1999 ZZ;Waterdam" for n in range(1, number + 1)]
    content = "\n".join(["straat;huisnummer;toevoeging;postcode;plaats", *rows]).encode()
    begun = time.monotonic()
    run = services.create_letter_run(
        survey=survey,
        name="Letters",
        content=content,
        area=None,
        window="left",
        with_reminder=False,
        by=editor,
    )
    services.start_making(run=run, by=editor)
    services.run_letter_jobs()
    seconds = time.monotonic() - begun
    assert LetterRun.objects.get(pk=run.pk).state == "made"
    addresses = invitations.create_address_list(
        survey=survey, name="Mail", content=b"", pasted="\n".join(f"n{n}@example.nl" for n in range(number)),
        origin="a panel", basis="consent", area=None, by=editor,
    )  # fmt: skip
    invitations.create_invitations(addresses=addresses, by=editor)
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)  # the job, and the process that sets a part
    told = {
        "seconds": seconds,
        "megabytes": sum(resource.getrusage(who).ru_maxrss for who in both) / 1024,
        "cookies": signed_in(editor),
        "urls": {
            "ways in": reverse("survey_channels", args=[survey.pk]),
            "page of the letters": reverse("letters", args=[survey.pk, run.pk]),
            "page of the mails": reverse("mail_list", args=[survey.pk, addresses.pk]),
        },
    }
    print(json.dumps(told))


def hands() -> None:
    """Prints the cookies of a coordinator, the pages of their day, and how many queries each asks. The numbers on the
    rail, kept for a minute, are looked up before."""
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from initiatives.models import Offer

    user = User.objects.get(email__startswith="coordinator@")
    client = Client(SERVER_NAME="127.0.0.1")
    cookies = signed_in(user)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    first = Offer.objects.visible_to(user).waiting().first()
    urls = {
        "the day": reverse("hands"),
        "who waits longest": reverse("hands") + "?look=waiting",
        "mine": reverse("hands") + "?look=mine",
        "one offer": reverse("hand", args=[first.pk]),
        "whether it is fair": reverse("hands_fairness"),
    }
    client.get(reverse("me"))
    queries = {}
    for name, url in urls.items():
        client.get(url)
        with counting() as asked:
            assert client.get(url).status_code == 200
        queries[name] = len(asked)
    targets = ["the day", "who waits longest", "mine"]
    print(json.dumps({"cookies": cookies, "urls": urls, "queries": queries, "targets": targets}))
