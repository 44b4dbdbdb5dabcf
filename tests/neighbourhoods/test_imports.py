"""The way of a file, with a kind of file that is only numbers: read, looked at, written, undone."""

import json
from datetime import timedelta
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Event
from core.errors import DomainError, InvalidTransition
from core.jobs import Interrupted
from neighbourhoods.imports.forms.imports import FileForm
from neighbourhoods.imports.services import imports
from neighbourhoods.imports.services.import_kinds import (
    IMPORTERS,
    FileImporter,
    ImportPlan,
    PreviewLine,
    RowError,
)
from neighbourhoods.imports.views import PAGES, ImportPage
from neighbourhoods.models import Import, Postcode
from neighbourhoods.states import FileState
from tests.people import make_area, make_user, signed_in

SMALL = b"1011AA\n1011AB"


class Codes(FileImporter):
    """One postcode a line; `?` asks something first, `!` is wrong, `#` can't be read."""

    def data_revision(self):
        return str(Postcode.objects.count())

    def plan(self, content, options, progress):
        if content.startswith(b"#"):
            raise DomainError("This can't be read.")
        lines = content.decode().split()
        plan = ImportPlan(work=[line for line in lines if line.isalnum()])
        for row, line in enumerate(lines, start=1):
            progress(row, len(lines))
            if line == "!":
                plan.wrong.append(RowError(row, line, "Wrong."))
            elif line == "?" and "way" not in options:
                plan.asks.append("way")
            elif line.isalnum():
                plan.new.append(PreviewLine(line))
        return plan

    def write(self, plan, one, progress):
        area = make_area()
        made = Postcode.objects.bulk_create(Postcode(code=code, area=area) for code in plan.work)
        return {"made": [one.pk for one in made]}

    def put_back(self, record):
        if Postcode.objects.filter(pk__in=record["made"]).count() < len(record["made"]):
            raise DomainError("Something changed since.")
        Postcode.objects.filter(pk__in=record["made"]).delete()


@pytest.fixture(autouse=True)
def _codes(monkeypatch):
    monkeypatch.setitem(IMPORTERS, "postcodes", Codes())
    monkeypatch.setitem(PAGES, "postcodes", ImportPage("Which file?", FileForm))
    with translation.override("en"):
        yield


@pytest.fixture
def large(monkeypatch):
    """Every file is a large one, so that a job has to read it."""
    monkeypatch.setattr(imports, "MAX_IMMEDIATE_BYTES", 0)


def bring(by, content=SMALL, **options) -> Import:
    return imports.stage_import(kind="postcodes", content=content, file_name="a.csv", options=options, by=by)


def carry_out(one: Import) -> Import:
    one.refresh_from_db()
    return imports.apply_import(one=one, by=one.created_by, seen=one.report["seen"])


def state(one: Import) -> str:
    return Import.objects.get(pk=one.pk).state


# --- a small file, at once --------------------------------------------------------------------


def test_looked_at_written_and_undone(administrator):
    one = bring(administrator)
    assert one.state == FileState.PREVIEWED and one.report["counts"]["new"] == 2
    assert not Postcode.objects.exists()
    carry_out(one)
    assert Postcode.objects.count() == 2
    assert (state(one), bytes(Import.objects.get().content)) == (FileState.APPLIED, b"")
    imports.undo_import(one=one, by=administrator)
    assert state(one) == FileState.UNDONE and not Postcode.objects.exists()
    assert [event.verb for event in Event.objects.order_by("pk")] == ["imported file", "undid import"]


def test_what_cannot_be_read_is_not_kept(administrator):
    with pytest.raises(DomainError, match="can't be read"):
        bring(administrator, b"#")
    assert not Import.objects.exists()


def test_too_large(administrator, monkeypatch):
    monkeypatch.setattr(imports, "MAX_IMPORT_BYTES", 3)
    with pytest.raises(DomainError, match="larger than"):
        bring(administrator)


@pytest.mark.parametrize("content", [b"!", b"?"])
def test_nothing_is_written_while_something_is_wrong_or_asked(content, administrator):
    with pytest.raises(DomainError, match="nothing was written"):
        carry_out(bring(administrator, content))


def test_choosing_reads_it_again(administrator):
    one = bring(administrator, b"1011AA\n?", year=2024)
    imports.change_import_options(one=one, options={"way": 1}, by=administrator)
    one.refresh_from_db()
    assert one.options == {"way": 1, "year": 2024} and not one.report["asks"]
    carry_out(one)


def test_what_was_not_looked_at_is_not_written(administrator):
    one = bring(administrator)
    Postcode.objects.create(code="9999ZZ", area=make_area())
    with pytest.raises(DomainError, match="Something changed"):
        carry_out(one)
    carry_out(one)
    assert Postcode.objects.count() == 3, "the preview was read again"


def test_twice(administrator):
    one = bring(administrator)
    seen = one.report["seen"]
    carry_out(one)
    with pytest.raises(InvalidTransition):
        imports.apply_import(one=one, by=administrator, seen=seen)
    with pytest.raises(InvalidTransition):
        imports.change_import_options(one=one, options={}, by=administrator)
    imports.undo_import(one=one, by=administrator)
    with pytest.raises(InvalidTransition):
        imports.undo_import(one=one, by=administrator)


def test_undoing_what_changed_since_is_refused(administrator):
    one = bring(administrator)
    carry_out(one)
    Postcode.objects.first().delete()
    with pytest.raises(DomainError, match="changed since"):
        imports.undo_import(one=one, by=administrator)
    assert state(one) == FileState.APPLIED and Postcode.objects.count() == 1


def test_second_file_of_a_kind_drops_the_first(administrator):
    first, other = bring(administrator), bring(make_user("administrator"))
    bring(administrator)
    assert state(first) == FileState.DROPPED and bytes(Import.objects.get(pk=first.pk).content) == b""
    assert state(other) == FileState.PREVIEWED


def test_nobody_decided_for_a_day(administrator):
    old = bring(administrator)
    Import.objects.update(created_at=timezone.now() - timedelta(days=2))
    bring(make_user("administrator"))
    assert state(old) == FileState.DROPPED


# --- a large one, by a job --------------------------------------------------------------------


def test_job_reads_and_writes(large, administrator):
    one = bring(administrator)
    assert one.state == FileState.READING
    assert imports.run_import_jobs() == 1 and state(one) == FileState.PREVIEWED
    assert carry_out(one).state == FileState.WRITING
    assert imports.run_import_jobs() == 1 and state(one) == FileState.APPLIED
    assert Postcode.objects.count() == 2 and imports.run_import_jobs() == 0


def test_job_says_what_is_wrong_in_the_language_of_who_brought_it(large, administrator):
    administrator.describe(title="", language="en")
    one = bring(administrator, b"#")
    imports.run_import_jobs()
    one.refresh_from_db()
    assert one.state == FileState.REFUSED and one.report["sentence"] == "This can't be read."


def test_mistake_of_our_own(large, administrator):
    one = bring(administrator)
    with mock.patch.object(Codes, "plan", side_effect=RuntimeError):
        imports.run_import_jobs()
    assert state(one) == FileState.REFUSED


def test_mistake_of_our_own_while_it_is_written(large, administrator):
    """Nothing is written, and the file is still there to try again."""
    one = bring(administrator)
    imports.run_import_jobs()
    carry_out(one)
    with mock.patch.object(Event, "log", side_effect=RuntimeError):
        imports.run_import_jobs()
    assert state(one) == FileState.PREVIEWED and not Postcode.objects.exists()
    carry_out(one)
    imports.run_import_jobs()
    assert Postcode.objects.count() == 2


def test_something_changed_before_the_job_wrote_it(large, administrator):
    one = bring(administrator)
    imports.run_import_jobs()
    carry_out(one)
    Postcode.objects.create(code="9999ZZ", area=make_area())
    imports.run_import_jobs()
    one.refresh_from_db()
    assert one.state == FileState.PREVIEWED and one.report["sentence"]
    assert Postcode.objects.count() == 1
    carry_out(one)
    imports.run_import_jobs()
    assert state(one) == FileState.APPLIED


def test_job_that_is_stopped_gives_the_file_back(large, administrator):
    one = bring(administrator)
    with mock.patch.object(Codes, "plan", side_effect=Interrupted):
        assert imports.ImportJob.take().work() is False
    one.refresh_from_db()
    assert one.state == FileState.READING and one.lease_until is None


def test_two_jobs_do_not_take_the_same_file(large, administrator):
    bring(administrator)
    assert imports.ImportJob.take() and imports.ImportJob.take() is None


def test_another_takes_over_from_a_dead_job_and_the_dead_one_writes_nothing(large, administrator):
    one = bring(administrator)
    imports.run_import_jobs()
    carry_out(one)
    dead = imports.ImportJob.take()
    Import.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert imports.run_import_jobs() == 1
    assert dead.work() is False
    assert state(one) == FileState.APPLIED and Postcode.objects.count() == 2


def test_bar_is_kept_up_to_date_and_holds_the_lease(large, administrator):
    one = bring(administrator)
    hand = imports.ImportJob.take()
    hand.progress(done=1, total=10)
    hand._renewed -= 2
    hand.progress(done=3, total=10)
    one.refresh_from_db()
    assert (one.done, one.total) == (3, 10)
    Import.objects.update(lease_until=None)
    hand._renewed -= 2
    with pytest.raises(Interrupted):
        hand.progress(done=4, total=10)


# --- on the desk ------------------------------------------------------------------------------


def test_page_while_it_is_read(large, administrator):
    one = bring(administrator)
    url = reverse("import_one", args=[one.pk])
    Import.objects.update(done=5, total=20)
    page = signed_in(administrator).get(url).content.decode()
    assert 'value="5" max="20"' in page and '<noscript><meta http-equiv="refresh"' in page
    imports.run_import_jobs()
    assert "<progress" not in signed_in(administrator).get(url).content.decode()


def test_list_and_undo(administrator):
    one = bring(administrator)
    carry_out(one)
    client = signed_in(make_user("administrator"))
    assert "a.csv" in client.get(reverse("imports")).content.decode()
    url = reverse("import_one", args=[one.pk])
    assert reverse("import_undo", args=[one.pk]) in client.get(url).content.decode()
    assert client.post(reverse("import_undo", args=[one.pk])).status_code == 302
    assert state(one) == FileState.UNDONE
    assert client.get(url).status_code == 200


def test_file_of_somebody_else_before_it_is_written(administrator):
    one = bring(administrator)
    client = signed_in(make_user("administrator"))
    assert client.get(reverse("import_one", args=[one.pk])).status_code == 404
    assert client.get(reverse("imports")).content.decode().count("a.csv") == 0


def test_kind_without_a_page(administrator):
    assert signed_in(administrator).get(reverse("import_new", args=["nothing"])).status_code == 404


def test_administrator_of_an_area_brings_in_nothing(area, administrator):
    chief = signed_in(make_user("administrator", area))
    for url in (reverse("imports"), reverse("import_new", args=["borders"])):
        assert chief.get(url).status_code == 403


def test_report_is_plain_json(administrator):
    json.dumps(bring(administrator).report)
