"""Fills a house with what a page is slow on, and prints the address of that page and the cookies to open it with."""

import json
import math
from dataclasses import replace
from datetime import timedelta

from bench.filling import signed_in, survey_of_linde


def desk() -> None:
    """Prints the cookies of an editor who is signed in, and where the results of `linde` stand."""
    from django.urls import reverse

    from accounts.models import User

    cookies = signed_in(User.objects.get(email__startswith="editor@"))
    survey = survey_of_linde()
    first, second = survey.layers.get(is_first=True).questions.all()[:2]
    closer = reverse("survey_closer", args=[survey.pk])
    print(
        json.dumps(
            {
                "cookies": cookies,
                "url": reverse("survey_results", args=[survey.pk]),
                "closer": f"{closer}?rows={first.pk}&columns={second.pk}",
            }
        )
    )


def hundred(questions: int) -> None:
    """A draft with so many questions in layers of ten, ways and conditions among them. Prints where it is written."""
    from django.urls import reverse
    from django.utils import timezone

    from accounts.models import User
    from neighbourhoods.models import Area
    from scenarios.demo.surveys import DATA_PROCESSING
    from surveys.builder.services.keeping import save_processing_record
    from surveys.builder.services.proposals import confirm_all
    from surveys.builder.services.start import start_survey
    from surveys.library import LIBRARY
    from surveys.models import Option, Question

    editor = User.objects.get(email__startswith="editor@")
    example = LIBRARY["first-sounding"]
    first, *_others = example.layers
    layers = [
        replace(
            first,
            title={"nl": f"Laag {number}", "en": f"Layer {number}"},
            questions=tuple(
                replace(first.questions[n % 4], key=f"q{number}-{n}", asks_needs=False) for n in range(10)
            ),
        )
        for number in range(math.ceil((questions - 4) / 10))
    ]
    survey = start_survey(
        plan=replace(example, layers=(first, *layers)), areas=[Area.objects.get(name="De Linde")],
        languages=["nl", "en"], by=editor,
    )  # fmt: skip
    today = timezone.localdate()
    survey.promise_before, survey.erase_on = today + timedelta(days=60), today + timedelta(days=200)
    survey.save()
    save_processing_record(survey=survey, fields=DATA_PROCESSING, by=editor)
    confirm_all(survey=survey, by=editor)
    for layer in survey.layers.filter(is_first=False):
        one, _two, three, *rest = layer.questions.all()
        Option.objects.filter(pk=one.options.all()[0].pk).update(then=str(three.pk))
        Question.objects.filter(pk=rest[-1].pk).update(condition={"answered": str(one.pk)})
    last = Question.objects.filter(layer__survey=survey).latest("pk")
    url = reverse("survey_question", args=[survey.pk, last.pk])
    print(json.dumps({"cookies": signed_in(editor), "url": url, "survey": survey.pk}))


def boards(colleagues: int) -> None:
    """Prints for each board its address and the cookies of so many editors who never looked at it."""
    from django.urls import reverse

    from accounts.models import User
    from neighbourhoods.models import Area, Membership
    from neighbourhoods.states import Role

    owner = User.objects.get(email__startswith="editor@")
    waiting = reverse("waiting")
    pages = {
        "who is waiting, by topic": waiting,
        "who is waiting, by area": f"{waiting}?by=area",
        "what one colleague owes": reverse("owner", args=[owner.pk]),
        "for whom is this answer": f"{reverse('followup_new')}?source={survey_of_linde().subject}",
    }
    found = {}
    for number, (name, url) in enumerate(pages.items()):
        users = [
            User.objects.create_user(f"bench-{number}-{colleague}@bench.example")
            for colleague in range(colleagues)
        ]
        Membership.objects.bulk_create(
            Membership(user=user, area=Area.root(), role=Role.EDITOR) for user in users
        )
        found[name] = {"url": url, "colleagues": [signed_in(user) for user in users]}
    print(json.dumps(found))


def texts(number: int) -> None:
    """So many texts that were read and have their theme; prints the pages of the desk where they stand."""
    from django.urls import reverse
    from django.utils import timezone

    from accounts.models import Receipt, User
    from feedback.models import Contribution, ContributionTheme, DoubleReadingShare, Topic
    from feedback.states import ContributionKind, Reading
    from neighbourhoods.models import Theme

    reader = User.objects.get(email__startswith="coordinator@")
    topic, themes = Topic.objects.first(), list(Theme.objects.all())
    assert topic
    receipts = Receipt.objects.bulk_create(
        Receipt(purpose="participation", language="nl", code_hash=f"text-{n}") for n in range(number)
    )
    made = Contribution.objects.bulk_create(
        Contribution(
            receipt=receipt, topic=topic, slot="text", kind=ContributionKind.TEXT, language="nl",
            **Contribution.words(f"Bij het fietspad {n} is het donker, en de lantaarn is al weken kapot."),
            said_on=timezone.localdate() - timedelta(days=n % 60), reading=Reading.CLEAR, read_by=reader,
        )
        for n, receipt in enumerate(receipts)
    )  # fmt: skip
    ContributionTheme.objects.bulk_create(
        ContributionTheme(contribution=text, theme=themes[n % len(themes)], given_by=reader)
        for n, text in enumerate(made)
    )
    DoubleReadingShare.objects.create(source=topic.source, percent=20)
    waiting = Contribution.objects.create(
        receipt=Receipt.objects.create(purpose="participation", language="nl", code_hash="waiting"),
        topic=topic, slot="text", kind=ContributionKind.TEXT, language="nl",
        **Contribution.words("De lantaarn bij het fietspad is kapot."),
    )  # fmt: skip
    pages = {
        "a thousand coded texts in a list": f"{reverse('listening_list')}?state=read&long=1",
        "the same, fifty": f"{reverse('listening_list')}?state=read",
        "one text": reverse("listen_to", args=[made[0].pk]),
        "one text that waits": reverse("listen_to", args=[waiting.pk]),
        "what is read twice": reverse("listening_second"),
    }
    cookies = signed_in(User.objects.get(email__startswith="editor@"))
    print(json.dumps({"cookies": cookies, "pages": pages}))
