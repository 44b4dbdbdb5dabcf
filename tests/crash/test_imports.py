"""A job that reads or writes a file is killed: nothing is half written, and another takes over."""

import pytest

from bench import country
from neighbourhoods.imports.services import imports
from neighbourhoods.models import Area, AreaVersion, Import
from neighbourhoods.states import FileState, ImportKind, Role
from tests.crash.house import held_table, wait_until, waits_for_lock
from tests.people import make_municipality, make_root, make_user

pytestmark = [pytest.mark.crash, pytest.mark.thorough]

AREAS = 2_000


@pytest.fixture
def file(house, tmp_path) -> Import:
    make_root()
    make_municipality()
    path = tmp_path / "country.geojson"
    country.write(path, AREAS)
    return imports.stage_import(
        kind=ImportKind.BORDERS, content=path.read_bytes(), file_name="country.geojson",
        options={"year": 2025}, by=make_user(Role.ADMINISTRATOR),
    )  # fmt: skip


def state(file: Import) -> str:
    file.refresh_from_db()
    return file.state


def is_under_way(file: Import, during: str) -> bool:
    return state(file) == during and file.lease_until is not None


def test_killed_while_it_reads_and_while_it_writes(house, file):
    for during, until in ((FileState.READING, FileState.PREVIEWED), (FileState.WRITING, FileState.APPLIED)):
        running = house.jobs()
        wait_until(lambda during=during: is_under_way(file, during), seconds=60, what=f"it is {during}")
        house.kill(*running)
        assert state(file) == during and not Area.objects.leaves().exists()
        running = house.jobs()
        wait_until(lambda until=until: state(file) == until, seconds=90, what=f"another made it {until}")
        house.kill(*running)
        if until == FileState.PREVIEWED:
            imports.apply_import(one=file, by=file.created_by, seen=file.report["seen"])
    assert Area.objects.leaves().count() == AreaVersion.objects.count() == AREAS


@pytest.mark.server_databases
def test_killed_in_the_transaction(house, file):
    imports.run_import_jobs()
    file.refresh_from_db()
    imports.apply_import(one=file, by=file.created_by, seen=file.report["seen"])
    with held_table("accounts_event"):
        running = house.jobs()
        wait_until(lambda: waits_for_lock("accounts_event"), seconds=60, what="all but the log is written")
        house.kill(*running)
    assert state(file) == FileState.WRITING and not Area.objects.leaves().exists()
    house.jobs()
    wait_until(lambda: state(file) == FileState.APPLIED, seconds=90)
    assert Area.objects.leaves().count() == AREAS
