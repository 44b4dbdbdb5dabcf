"""No number of people that few people stand behind appears in a final report: on no page, in no document."""

import io
import json
import re
import zipfile

import pytest
from defusedxml.ElementTree import fromstring
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from feedback.models import FollowUpItem
from feedback.reports.services import reports
from neighbourhoods.models import TalkBack
from neighbourhoods.trajectories import documents
from neighbourhoods.trajectories.documents import XML_NAMESPACES
from surveys.publication import INVITED_GROUP, OPEN_GROUP
from tests.feedback.factories import make_contribution, make_receipt, make_topic
from tests.feedback.reports import answer, finish, heard, make_trajectory, tell
from tests.people import make_municipality, make_theme
from tests.surveys.polls import make_survey

pytestmark = pytest.mark.django_db

few_and_many = st.one_of(st.integers(0, 12), st.integers(0, 60))
counts = st.lists(few_and_many, min_size=3, max_size=3)
ABOUT = re.compile(r"[Aa]bout (\d+)|of the (\d+) who")
CELL = re.compile(r'<td[^>]*class="r num"[^>]*>(\d+)</td>')


def in_words(text: str) -> set[int]:
    return {int(n) for found in ABOUT.findall(text) for n in found if n}


def on_the_page(client: Client, url: str) -> set[int]:
    page = client.get(url, headers={"accept-language": "en"}).content.decode()
    return in_words(page) | {int(n) for n in CELL.findall(page)}


def in_the_odt(content: bytes) -> set[int]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = fromstring(archive.read("content.xml"))
    style = f"{{{XML_NAMESPACES['text']}}}style-name"
    cells = [
        p.text
        for p in body.iterfind(".//table:table-cell/text:p", XML_NAMESPACES)
        if p.get(style, "").endswith("_End")
    ]
    return in_words("\n".join(body.itertext())) | {int(n) for n in cells if n.isdigit()}


def in_the_pdf(document: str) -> set[int]:
    found = json.loads(document)
    blocks = [block for part in found["parts"] for block in part["blocks"]]
    cells = [
        row[n]
        for block in blocks
        if block["kind"] == "table"
        for row in block["rows"]
        for n in block["numbers"]
    ]
    return in_words(json.dumps(found, ensure_ascii=False)) | {int(n) for n in cells if n.isdigit()}


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    open_to_all=counts,
    invited=st.one_of(st.none(), counts),
    readers=few_and_many,
    hands=st.tuples(few_and_many, few_and_many, few_and_many),
)
@example(open_to_all=[95, 4, 7], invited=None, readers=7, hands=(12, 7, 4))
def test_no_number_under_the_threshold(open_to_all, invited, readers, hands, area, editor, monkeypatch):
    set_from: list[str] = []
    monkeypatch.setattr(
        documents, "typeset_pdf", lambda _path, inputs: set_from.append(inputs["document"]) or b"%PDF"
    )
    with transaction.atomic():
        cache.clear()
        make_municipality(languages=["nl", "en"])
        told = report_of(open_to_all, invited, readers, hands, area, editor)
        client, address = Client(), [told.trajectory_id, told.version]
        page = on_the_page(client, reverse("final_report", args=address[:1]))
        said = {"accept-language": "en"}
        client.get(reverse("final_report_file", args=[*address, "pdf"]), headers=said)
        odt = client.get(reverse("final_report_file", args=[*address, "odt"]), headers=said).content
        forms = {"page": page, "pdf": in_the_pdf(set_from[-1]), "odt": in_the_odt(odt)}
        transaction.set_rollback(True)
    assert forms["page"] == forms["pdf"] == forms["odt"], forms
    assert all(n >= 10 and n % 5 == 0 for n in page), page


def report_of(open_to_all, invited, readers, hands, area, editor):
    """Published: a survey with these exact counts, so many readers of its answer, and a meeting."""
    trajectory = make_trajectory([area], editor)
    TalkBack.objects.create(
        trajectory=trajectory, kind="meeting", on="2026-10-10", support_yes=hands[0], support_partly=hands[1],
        support_no=hands[2],
    )  # fmt: skip
    theme = make_theme("square")
    survey = make_survey(areas=[area], owner=editor, theme=theme)
    type(survey).objects.filter(pk=survey.pk).update(trajectory=trajectory)
    question = survey.current.document["layers"][0]["questions"][0]
    ids = [option["id"] for option in question["options"]]
    ways = {OPEN_GROUP: heard(question["id"], dict(zip(ids, open_to_all, strict=True)))}
    if invited is not None:
        ways[INVITED_GROUP] = heard(question["id"], dict(zip(ids, invited, strict=True)))
    tell(survey, ways)
    topics = [make_topic(f"option:{id}", source=survey.subject, area=area, theme=theme) for id in ids]
    for topic in topics:
        make_contribution(topic)
    answer(survey, key=topics[0].key)
    everybody = answer(survey)
    FollowUpItem.objects.bulk_create(
        FollowUpItem(follow_up=everybody, receipt=make_receipt()) for _reader in range(readers)
    )
    report = reports.begin_report(trajectory=trajectory, by=editor)
    report.trajectory = trajectory
    reports.publish_report(report=finish(report), by=editor)
    return report
