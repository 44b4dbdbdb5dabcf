"""Every page with every role: who is let in, who is not, and that nobody reaches another area's things.

| who comes               | gets                          |
|-------------------------|-------------------------------|
| nobody signed in        | the sign-in page              |
| a role too small        | 403, and nothing is written   |
| a stranger, elsewhere   | 404, and nothing is written   |
| a guest: every role elsewhere, viewer here | as a viewer: 403 on what changes something here |
| the role it is for      | the page                      |

Pages come from the URLconf; what their addresses name comes from tests/addresses.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.test import Client, TestCase
from django.urls import NoReverseMatch, reverse

from feedback.models import Heartbeat
from tests.addresses import ADDRESSES, PEOPLE, World
from tests.house import our_views, url_patterns
from tests.people import signed_in
from tests.queries import no_writes

# mark -> who has that role in the area of all objects; backing is never implied by another role
WITH_ROLE = {
    "staff:viewer": {"viewer", "backer", "coordinator", "editor", "administrator"},
    "staff:backer": {"backer"},
    "staff:coordinator": {"coordinator", "editor", "administrator"},
    "staff:editor": {"editor", "administrator"},
    "staff:administrator": {"administrator"},
}
# Pages that ask more than their mark says: who gets through; the others get 403 or 404.
STRICTER = {
    "backing": {"backer", "editor", "administrator"},  # who was asked, and who may ask
    "backing_withdraw": {"backer", "editor", "administrator"},
    "hands_hand_over": {"coordinator", "administrator"},  # their own, or who can let them go
    "initiatives_hand_over": {"coordinator", "administrator"},  # their own, or who can let them go
    "movement_mail": {"administrator", "viewer"},  # the viewer chooses for themselves
    "needs_hand_over": {"coordinator", "administrator"},
    "survey_taken": {"editor"},  # who asked for the file
    "survey_taken_do": {"editor"},
}
# What a form can't do without: a page that knows no other values answers 404.
POSTED: dict[str, Callable[[World], dict[str, str]]] = {
    "survey_question_add": lambda world: {"type": "one_choice"},
    "match_propose_role": lambda world: {"offer": str(world.offer.pk)},
}
# About the whole municipality: also an administrator of one area is refused.
MUNICIPAL = {
    "post",
    "post_start",
    "post_house",
    "post_batch",
    "post_posted",
    "post_again",
    "post_do",
    "preflight",
    "preflight_send",
    "themes",
    "theme",
    "theme_move",
    "theme_retire",
    "events",
    "events_download",
    "import_new",
    "import_one",
    "import_undo",
    "imports",
    "participation",
    "participation_section",
    "participation_default",
    "indicators",
    "indicator",
    "indicator_move",
    "source",
    "approach_new",
    "approach_change",
    "approach_do",
}
# Of no area: every colleague of the municipality reads it, and what changes it asks who they are.
SHARED = {"library_item": 200, "library_item_do": 403, "approach": 200, "card": 200, "card_change": 403}
# What is not shown to who only looks on: people, what they wrote, what they offered, mail to them.
KEPT_FROM_VIEWERS = (
    "movement_mail",
    "challenge",
    "hand",
    "match",
    "offer_code",
    "initiative_code",
    "note_code",
    "incoming",
    "listen",
    "message",
    "colleague",
    "membership",
    "invitation",
    "backing",
    "survey_taken",
)
LET_IN = {200, 302, 400, 409, 422}  # 400, 409 and 422 come with the page and a sentence
OUT = {403, 404, 405}


@dataclass(frozen=True)
class Page:
    name: str
    route: str
    mark: str


def pages() -> list[Page]:
    ours = set(our_views().values())
    return [
        Page(pattern.name or route, route, pattern.callback.access)
        for route, pattern in url_patterns()
        if pattern.callback in ours
    ]


def address(world: World, page: Page) -> str:
    if page.name in ADDRESSES:
        return reverse(page.name, kwargs=ADDRESSES[page.name](world))
    try:
        return reverse(page.name)
    except NoReverseMatch as error:
        raise AssertionError(
            f"Tell in tests/addresses.py what the address of {page.name!r} ({page.route}) names."
        ) from error


class AccessTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World()
        Heartbeat.objects.create(name="jobs")  # or /health/ready is red
        cls.urls = {page: address(cls.world, page) for page in pages()}
        cls.clients = {name: signed_in(cls.world.people[name]) for name in PEOPLE}
        for client in [*cls.clients.values()]:
            client.raise_request_exception = False

    def visit(self, client: Client, method: str, url: str, data: dict[str, str] | None = None) -> int:
        """The status; whatever was written is undone."""
        with transaction.atomic():
            status = getattr(client, method)(url, data).status_code
            transaction.set_rollback(True)
        return status

    def posted(self, page: Page) -> dict[str, str] | None:
        return POSTED[page.name](self.world) if page.name in POSTED else None

    @contextmanager
    def collected(self) -> Iterator[list[str]]:
        wrong: list[str] = []
        yield wrong
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def staff_pages(self) -> list[tuple[Page, str]]:
        return [(page, url) for page, url in self.urls.items() if page.mark.startswith("staff:")]

    def test_nobody_signed_in_gets_the_sign_in_page(self):
        client = Client(raise_request_exception=False)
        with self.collected() as wrong:
            for page, url in self.staff_pages():
                for method in ("get", "post"):
                    with transaction.atomic(), no_writes():
                        response = getattr(client, method)(url)
                    if response.status_code != 302 or reverse("account_login") not in response.url:
                        wrong.append(f"{method} {page.name}: {response.status_code}")

    def test_role_too_small_gets_403(self):
        with self.collected() as wrong:
            for page, url in self.staff_pages():
                for name in set(PEOPLE) - {"stranger", "guest"} - WITH_ROLE[page.mark]:
                    for method in ("get", "post"):
                        with no_writes():
                            status = self.visit(self.clients[name], method, url)
                        if status != 403:
                            wrong.append(f"{method} {page.name} as {name}: {status}")

    def test_stranger_reaches_nothing_of_another_area(self):
        with self.collected() as wrong:
            for page, url in self.staff_pages():
                if page.name not in ADDRESSES and page.name not in MUNICIPAL:
                    continue
                statuses = []
                for method in ("get", "post"):
                    with no_writes():
                        statuses.append(self.visit(self.clients["stranger"], method, url))
                expected = SHARED.get(page.name, 403 if page.name in MUNICIPAL else 404)
                if not set(statuses) <= {expected, 405} or expected not in statuses:
                    wrong.append(f"{page.name}: {statuses}")

    def test_guest_only_looks_on_where_they_are_a_viewer(self):
        """A large role elsewhere passes the mark of a page; what the page is about says no."""
        with self.collected() as wrong:
            for page, url in self.staff_pages():
                if page.name not in ADDRESSES:
                    continue
                data = self.posted(page)
                with no_writes():
                    read = self.visit(self.clients["guest"], "get", url, data)
                    sent = self.visit(self.clients["guest"], "post", url, data)
                refused = 404 if page.name.startswith(KEPT_FROM_VIEWERS) else 403
                reads = LET_IN if page.mark == "staff:viewer" and refused == 403 else {refused}
                if read not in reads | {405} or sent not in {refused, 405} or read == sent == 405:
                    wrong.append(f"{page.name}: {read}, {sent}")

    def test_right_role_is_let_in(self):
        with self.collected() as wrong:
            for page, url in self.staff_pages():
                for name in WITH_ROLE[page.mark]:
                    with no_writes():
                        status = self.visit(self.clients[name], "get", url)
                    if status == 405:
                        status = self.visit(self.clients[name], "post", url, self.posted(page))
                    allowed = name in STRICTER.get(page.name, WITH_ROLE[page.mark])
                    if status not in (LET_IN if allowed else OUT):
                        wrong.append(f"{page.name} as {name}: {status}")

    def test_empty_post_is_never_our_fault(self):
        """Whatever a form lacks is said in a sentence; nothing falls over."""
        with self.collected() as wrong:
            for page, url in self.urls.items():
                for name in ("administrator", "backer"):
                    status = self.visit(self.clients[name], "post", url)
                    if status >= 500:
                        wrong.append(f"post {page.name} as {name}: {status}")

    def test_get_of_strangers_to_the_house_writes_nothing(self):
        """Crawlers, mail scanners and prefetching; what colleagues open is held by the test of the right role."""
        nobody = Client(raise_request_exception=False)
        with self.collected() as wrong:
            for page, url in self.urls.items():
                if page.mark.startswith("staff:"):
                    continue
                try:
                    with no_writes():
                        status = self.visit(nobody, "get", url)
                except AssertionError as error:
                    wrong.append(f"{page.name}: {error}")
                    continue
                if status >= 500:
                    wrong.append(f"{page.name}: {status}")

    def test_ended_role_opens_nothing(self):
        """A membership past its last day, and a colleague who was let go."""
        editor = self.world.editor
        editor.memberships.update(until="2020-01-01")
        client = signed_in(editor)
        statuses = {self.visit(client, "get", url) for _page, url in self.staff_pages()}
        self.assertEqual(statuses, {404})
        editor.lock_out()
        response = client.get(reverse("desk"))
        self.assertEqual(response.status_code, 302)

    def test_second_step_is_asked_on_every_page(self):
        municipality = self.world.municipality
        municipality.roles_with_mfa = ["editor"]
        municipality.save()
        municipality.forget_cached()
        with self.collected() as wrong:
            for page, url in self.staff_pages():
                if "editor" not in WITH_ROLE[page.mark]:
                    continue
                for method in ("get", "post"):
                    with no_writes():
                        response = getattr(self.clients["editor"], method)(url)
                    if response.status_code != 302 or reverse("mfa_index") not in response.url:
                        wrong.append(f"{method} {page.name}: {response.status_code}")

    def test_addresses_name_pages_that_are_there(self):
        self.assertEqual(set(ADDRESSES) - {page.name for page in pages()}, set())
