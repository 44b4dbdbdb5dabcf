from uuid import uuid4

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bench.bare.models import Counter, Owed, Page, Said


def page(request: HttpRequest, code: str) -> HttpResponse:
    """GET: one indexed read and one template. POST: one transaction with the writes of one answer."""
    if request.method == "POST":
        with transaction.atomic():
            found = Page.objects.select_for_update().get(code=code)
            found.body = {"answers": {str(n): str(n) for n in range(4)}, "at": request.POST.get("q", "")}
            if request.POST.get("last"):
                finish(found)
            found.save(update_fields=["body"])
        return redirect("page", code=code)
    return render(request, "page.html", {"page": Page.objects.get(code=code), "options": range(5)})


def finish(found: Page) -> None:
    """What the last answer of a layer writes: thirteen counters, two things said, two answers owed."""
    table = Counter._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (key, n) VALUES {', '.join(['(%s, 1)'] * 12)} "
            f"ON CONFLICT (key) DO UPDATE SET n = {table}.n + excluded.n",
            [f"counter-{n:02}" for n in range(12)],
        )
        cursor.execute(
            f"INSERT INTO {table} (key, n) VALUES ('day', 1) "
            f"ON CONFLICT (key) DO UPDATE SET n = {table}.n + excluded.n"
        )
    said = Said.objects.bulk_create(Said(id=uuid4(), page=found, slot=str(n)) for n in range(2))
    Owed.objects.bulk_create(Owed(said=one, page=found) for one in said)
