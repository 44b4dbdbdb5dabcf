"""The job that makes letters is killed again and again: no code is lost, doubled, or on two letters."""

import json
import zipfile

import pytest

from surveys.answering.services.beginning import letter_hash
from surveys.invitations.services import post
from surveys.models import AccessCode, LetterRun
from surveys.printing import services as files
from surveys.states import LetterState
from tests.crash.house import wait_until
from tests.people import make_area, make_municipality, make_root, make_user
from tests.surveys.polls import make_survey

pytestmark = [pytest.mark.crash, pytest.mark.thorough]

LETTERS = 1_000


@pytest.fixture
def run(house) -> LetterRun:
    make_root()
    make_municipality(phone="14 099")
    editor = make_user(title="wijkmanager")
    survey = make_survey(areas=[make_area("Oosterhaven")], owner=editor)
    rows = [f"Kade;{n};1234AB;Waterdam" for n in range(1, LETTERS + 1)]
    content = "\n".join(["straat;huisnummer;postcode;plaats", *rows]).encode()
    made = post.create_letter_run(
        survey=survey,
        name="Letters",
        content=content,
        area=None,
        window="left",
        with_reminder=False,
        by=editor,
    )
    post.start_making(run=made, by=editor)
    return made


def state(run: LetterRun) -> LetterRun:
    run.refresh_from_db()
    return run


def test_killed_again_and_again(house, run):
    folder = files.folder_of(run.folder)
    stages = (
        lambda: (folder / post.PAIRS).exists(),
        lambda: (folder / "letters-001.pdf").exists(),
    )
    house.environment["LEASE_SECONDS"] = "6"  # longer than a part takes here, and not long to wait for
    pairs = None
    for stage in stages:
        jobs = house.jobs()
        wait_until(stage, seconds=90, what="the next stage")
        house.kill(*jobs)
        found = json.loads((folder / post.PAIRS).read_bytes())
        assert pairs in (None, found), "an address got another code"
        pairs = found
        assert AccessCode.objects.count() in (0, LETTERS), "all codes or none"
    house.jobs()
    wait_until(lambda: state(run).state == LetterState.MADE, seconds=120, what="the letters")
    codes = [code for _to, code in pairs]
    assert len(set(codes)) == LETTERS
    assert {letter_hash(run.channel, code) for code in codes} == set(
        AccessCode.objects.values_list("pk", flat=True)
    )
    with zipfile.ZipFile(folder / post.ZIP) as archive:
        assert archive.namelist() == [
            f"letters-{n:03}.pdf" for n in range(1, LETTERS // post.LETTERS_PER_FILE + 1)
        ]
        assert archive.testzip() is None
        assert all(archive.read(name).endswith(b"%%EOF") for name in archive.namelist())
