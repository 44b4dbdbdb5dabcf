"""The job that makes a file of answers is killed again and again: another makes it whole, and nothing half stays."""

import csv
import io
import random
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import Receipt
from accounts.states import ReceiptPurpose
from core.errors import DomainError
from feedback.models import Contribution
from feedback.states import ContributionKind, Reading
from surveys.models import Export, Response, Survey
from surveys.printing.addresses import BLOCK_BYTES
from surveys.results.services import exports
from surveys.states import ExportState
from tests.crash.house import wait_until
from tests.feedback.factories import make_topic
from tests.people import make_area, make_municipality, make_root, make_user
from tests.surveys.polls import make_survey

pytestmark = [pytest.mark.crash, pytest.mark.thorough]

ANSWERS = 12_000


@pytest.fixture
def survey(house) -> Survey:
    make_root()
    make_municipality()
    editor = make_user(title="wijkmanager")
    survey = make_survey(areas=[make_area("Oosterhaven")], owner=editor)
    exports.name_colleague(survey=survey, user=editor, by=editor)
    answer(survey)
    return survey


def answer(survey: Survey) -> None:
    """Everybody in their own words, which are as long as they can be to be read and are never alike."""
    chance = random.Random(7)
    channel, asked = survey.channels.get(), survey.layers.get(order=1).questions.get()
    choices = list(survey.layers.get(is_first=True).questions.all())
    topic = make_topic("option:31", area=survey.area)
    done = [str(layer.pk) for layer in survey.layers.all()]
    receipts = Receipt.objects.bulk_create(
        Receipt(purpose=ReceiptPurpose.PARTICIPATION, language="nl", code_hash=f"{number:064d}")
        for number in range(ANSWERS)
    )
    words = Contribution.objects.bulk_create(
        Contribution(
            receipt=receipt, topic=topic, slot=str(asked.pk), kind=ContributionKind.TEXT, language="nl",
            text="x", masked_text=chance.randbytes(100).hex(), reading=Reading.CLEAR,
        )
        for receipt in receipts
    )  # fmt: skip
    options = {
        question.pk: [str(pk) for pk in question.options.values_list("pk", flat=True)] for question in choices
    }
    Response.objects.bulk_create(
        Response(
            survey=survey, version=survey.current, receipt=receipt, channel=channel, area=survey.area,
            submit_key=f"k{receipt.pk.hex}", language="nl", layers_done=done,
            answers={str(pk): chance.choice(some) for pk, some in options.items()}
            | {str(asked.pk): {"text": str(said.pk)}},
        )
        for receipt, said in zip(receipts, words, strict=True)
    )  # fmt: skip


def ask(survey: Survey, form: str = "csv") -> Export:
    return exports.ask_export(
        survey=survey, form=form, version=None, with_words=True, reason="To study", by=survey.owner
    )


def files() -> dict[str, int]:
    return {path.name: path.stat().st_size for path in Path(exports._folder()).glob("*")}


def tables(export: Export) -> dict[str, list[list[str]]]:
    content = b"".join(exports.open_export(export=export, by=export.created_by))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        return {
            name: list(csv.reader(io.StringIO(book.read(name).decode("utf-8-sig")), delimiter=";"))
            for name in book.namelist()
        }


def is_made(export: Export) -> bool:
    export.refresh_from_db()
    return export.state == ExportState.MADE


def test_killed_again_and_again(house, survey):
    in_peace = ask(survey)
    exports.run_export_jobs()
    assert is_made(in_peace)
    (size,) = files().values()
    assert size > 2 * BLOCK_BYTES
    export = ask(survey)
    keys = set()
    for part in (0.01, 0.3, 0.7):
        jobs = house.jobs()
        wait_until(lambda part=part: half(in_peace) >= part * size, seconds=60, what=f"{part} of the file")
        house.kill(*jobs)
        export.refresh_from_db()
        assert export.state == ExportState.MAKING, "it was killed too late"
        keys.add(bytes(export.key))
        with pytest.raises(DomainError):
            exports.open_export(export=export, by=survey.owner)
    jobs = house.jobs()
    wait_until(lambda: is_made(export), seconds=60, what="another made it")
    assert set(files()) == {in_peace.name.hex, export.name.hex}, "half of a file stayed"
    assert len(keys | {bytes(export.key)}) == 4, "one key was used for two files"
    whole = tables(export)
    assert whole == tables(in_peace) and len(next(iter(whole.values()))) == ANSWERS + 1
    assert (export.done, export.total, export.lease_until) == (ANSWERS, ANSWERS, None)
    house.kill(*jobs)


def half(in_peace: Export) -> int:
    """How much there is of the file that is being made."""
    return sum(size for name, size in files().items() if name != in_peace.name.hex)


def test_killed_and_then_its_day_is_over(house, survey):
    """Nobody makes it any more, and what was made of it goes with its key."""
    export = ask(survey)
    jobs = house.jobs()
    wait_until(lambda: sum(files().values()) > 0, seconds=60, what="some of the file")
    house.kill(*jobs)
    Export.objects.filter(pk=export.pk).update(until=timezone.now() - timedelta(seconds=1))
    house.jobs()
    wait_until(lambda: Export.objects.get().state == ExportState.DESTROYED, what="it is destroyed")
    wait_until(lambda: not files(), seconds=5, what="the file is gone")
    assert bytes(Export.objects.get().key) == b""
