"""The rules of the house (CONTRIBUTING.md). A rule that no test holds is a wish."""

import ast
import re
from importlib import import_module
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import migrations
from django.db.migrations.loader import MigrationLoader
from django.forms import BaseForm, ModelChoiceField
from django.template import engines
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils.module_loading import autodiscover_modules

from bench.size import homes_of_names
from core.management.commands.registries import document
from core.registry import REGISTRIES
from feedback.models import Heartbeat
from neighbourhoods.registries import PanelPage
from tests.house import APPS, BASE, decorators, our_models, our_views, sources, url_patterns
from tests.queries import no_writes

MARKS = {"public", "resident", "staff"}
METHODS = {"require_GET", "require_POST", "require_safe", "require_http_methods"}
autodiscover_modules("registries")
# Views that are not ours, and so bear no mark of ours. Who opens them is for the library to say.
LIBRARIES = ("allauth.",)


# --- one direction ------------------------------------------------------------------------------


def test_foreign_keys_point_downward():
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in our_models()
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model._meta.app_label in APPS
        if APPS.index(field.related_model._meta.app_label) > APPS.index(model._meta.app_label)
    ]
    assert not upward


CARRIED = re.compile(r"(AnswerOwed|NamedDebt|Owed|Outcome|Topic|Promise|FollowUp|Contribution)([A-Z]\w*)?")
"""Models and states of what messages carry."""


def test_delivery_knows_nothing_of_what_it_carries():
    """It knows receipts, contacts and messages; what becomes of the rest is told by `feedback.registries.carried`."""
    found = [
        f"{path}: {name}"
        for path, source in sources(".py").items()
        if path.parts[:2] == ("feedback", "delivery")
        for node in ast.walk(ast.parse(source))
        for name in names_in(node)
        if CARRIED.fullmatch(name)
    ]
    assert not found


def names_in(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom | ast.Import):
        return [alias.name.rpartition(".")[2] for alias in node.names]
    return [node.attr] if isinstance(node, ast.Attribute) else [node.id] if isinstance(node, ast.Name) else []


def test_no_signals_no_save_logic():
    found = [
        f"{path}: {word}"
        for path, source in sources(".py").items()
        for word in ("django.dispatch", "models.signals", "def save(")
        if word in source and path.parts[0] in APPS and path.name != "forms.py" and "forms" not in path.parts
    ]
    assert not found, "Writes belong in services, model verbs and QuerySet verbs."


def test_no_drawer_for_everything():
    drawers = {"utils", "common", "helpers", "misc"}
    assert not [
        path for path in sources(".py") if drawers & {part.removesuffix(".py") for part in path.parts}
    ]


def test_no_missing_migration(db):
    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1, stdout=(told := StringIO()))
    except SystemExit:
        pytest.fail(f"A migration is missing:\n{told.getvalue()}")


def test_the_release_before_can_write_while_a_new_one_comes():
    """Its rows name no column that it does not know, so the database fills those in itself."""
    found = []
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app not in APPS or migration.initial:
            continue
        new = {one.name_lower for one in migration.operations if isinstance(one, migrations.CreateModel)}
        found += [
            f"{app}.{name}: {one.model_name}.{one.name}"
            for one in migration.operations
            if isinstance(one, migrations.AddField) and one.model_name_lower not in new
            if not (one.field.null or one.field.many_to_many) and not one.field.has_db_default()
        ]
    assert not found, "Give them a db_default."


def test_empty_choices_say_what_they_mean():
    """“---------” is a riddle, and a screen reader reads it as one. Written “everywhere”, “nobody yet”, “Choose”."""
    silent = []
    for path, source in sources(".py").items():
        if path.parts[0] not in APPS:
            continue
        for node in ast.walk(ast.parse(source)):
            match node:
                case ast.Tuple(elts=[ast.Constant(value=""), ast.Constant(value=str(said))]) if (
                    "forms" in path.parts or path.name == "forms.py"
                ):
                    silent += [f"{path}:{node.lineno}: {said!r}"]
                case ast.Call(func=ast.Attribute(attr="ModelChoiceField"), keywords=given) if not any(
                    each.arg == "empty_label" for each in given
                ):
                    silent += [f"{path}:{node.lineno}: no empty_label"]
    for form in forms_of_house():
        for name, field in form.base_fields.items():
            if isinstance(field, ModelChoiceField) and str(field.empty_label or "Choose").startswith("---"):
                silent += [f"{form.__module__}.{form.__name__}.{name}"]
    assert not silent, "Give the empty choice words."


def forms_of_house() -> set[type[BaseForm]]:
    for path in sources(".py"):
        if path.name == "forms.py" or "forms" in path.parts:
            import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    found, left = set(), [BaseForm]
    while left:
        below = left.pop().__subclasses__()
        left += below
        found |= {
            form for form in below if form.__module__.split(".")[0] in APPS and hasattr(form, "base_fields")
        }
    assert len(found) > 40
    return found


# --- access -------------------------------------------------------------------------------------


def test_every_view_bears_one_mark():
    wrong = {
        name: marks
        for name, view in our_views().items()
        if len(marks := [mark for mark in decorators(view) if mark in MARKS]) != 1
    }
    assert not wrong, "Give each view exactly one of @public, @resident, @staff(Role...)."


def test_mark_is_outermost_and_felt():
    """Django calls what the URLconf holds: a mark hidden under another decorator would be lost."""
    assert not [name for name, view in our_views().items() if not getattr(view, "access", "")]


def test_every_view_names_its_methods():
    assert not [name for name, view in our_views().items() if not METHODS & set(decorators(view))]


def test_views_of_others_are_libraries_we_chose():
    ours = set(our_views().values())
    strangers = {
        f"{pattern.callback.__module__} at {route}"
        for route, pattern in url_patterns()
        if pattern.callback not in ours and not pattern.callback.__module__.startswith(LIBRARIES)
    }
    assert not strangers


def test_every_page_has_a_name_of_its_own():
    """Of two pages with one name the address of the first is never found again."""
    ours = set(our_views().values())
    names = [pattern.name for _route, pattern in url_patterns() if pattern.callback in ours and pattern.name]
    assert sorted(names) == sorted(set(names))


def test_pages_at_the_edges_are_marked():
    resolver = get_resolver()
    assert all(resolver.resolve_error_handler(code).access == "public" for code in (400, 403, 404, 500))


def pages_without_arguments() -> list[str]:
    pages = []
    for _route, pattern in url_patterns():
        if pattern.name and not pattern.callback.__module__.startswith(LIBRARIES):
            try:
                pages.append(reverse(pattern.name))
            except NoReverseMatch:
                continue
    return sorted(set(pages))


@pytest.mark.parametrize("url", pages_without_arguments())
@pytest.mark.parametrize("who", ["nobody", "administrator"])
def test_get_writes_nothing(url, who, request, client, municipality):
    """Pages with arguments are walked, with every role, by tests/test_access.py."""
    if who != "nobody":
        client.force_login(request.getfixturevalue(who), "django.contrib.auth.backends.ModelBackend")
    Heartbeat.objects.create(name="jobs")  # or /health/ready is red
    with no_writes():
        response = client.get(url)
    assert response.status_code in {200, 302, 403, 404, 405}


# --- templates ----------------------------------------------------------------------------------

TEMPLATES = sources(".html", ".txt", ".svg")
LENT = {("templates", "django"), ("templates", "nabij")}


def test_templates_compile():
    for path in TEMPLATES:
        if path.parts[0] == "templates":
            engines["django"].get_template(str(path.relative_to("templates")))


def test_no_unused_template():
    said = "\n".join([*sources(".py").values(), *TEMPLATES.values()])
    unused = [
        name
        for path in TEMPLATES
        if path.parts[0] == "templates"
        and (name := str(path.relative_to("templates"))) not in said
        and not asked_for_by_library(name)
        and not named_in_part(name, said)
        and not named_as_letter(name, said)
    ]
    assert not unused


def asked_for_by_library(name: str) -> bool:
    """Django's error pages, and templates that stand in for one of an installed library."""
    if name in {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"}:
        return True
    return any(
        (Path(config.path) / "templates" / name).exists()
        for config in apps.get_app_configs()
        if config.label not in APPS
    ) or name.startswith(("allauth/", "django/forms/", "nabij/"))


def named_as_letter(name: str, said: str) -> bool:
    """Both parts of a letter go by one name; allauth's adapter finds subject and message by the name before them."""
    letter = re.sub(r"(_(subject|message))?\.(txt|html)$", "", name)
    return letter != name and f'"{letter}"' in said


def named_in_part(name: str, said: str) -> bool:
    """Names put together in code: f"feedback/mail/{kind}.html"."""
    folder, _, file = name.rpartition("/")
    suffix = re.escape(Path(file).suffix)
    return bool(re.search(re.escape(folder) + r"/[\w-]*\{[^}]*\}[\w-]*(" + suffix + r"|\")", said))


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"<[^>%{]*\sstyle=", "style attributes break the content security policy: use a class"),
        (r"<style\b", "styles stand in static/css"),
        (r"<script(?![^>]*\bsrc=)[^>]*>", "scripts stand in static/*.js"),
        (r"<[^>]*\son[a-z]+=[\"']", "handlers are bound in static/*.js"),
        (
            r"\{% include \"components/(?![^%]*\bonly\b)[^%]*%\}",
            "a component sees what it is given, and nothing else of the page: add `only`",
        ),
        (
            r"\.as_(?:field_group|div|p|table|ul|widget)\b"
            r"|(?<!\")\{\{ (?:\w+\.)*\w*form(?:\.(?!was|about|title|non_field_errors)\w+)?(?:\|default\S*)? \}\}",
            "crispy draws forms and fields: |crispy, {% crispy %}, |as_crispy_field",
        ),
        (r"\|safe\b", "escape, or build the markup in Python with format_html"),
        (
            r"https?://(?!www\.w3\.org)[\w.]+/[^\s\"']*\.(?:js|css|woff2?|png|svg)",
            "nothing comes from another host",
        ),
    ],
)
def test_templates_keep_the_rules(pattern, why):
    # css-inline needs a style sheet in the mail; what stands in for a library's template follows that library.
    others = {p for p in TEMPLATES if "mail" in p.parts or p.parts[:2] in LENT or p.parts[0] != "templates"}
    found = [
        f"{path}:{source.count(chr(10), 0, match.start()) + 1}: {match.group()[:80]}"
        for path, source in TEMPLATES.items()
        if path not in others
        for match in re.finditer(pattern, source)
    ]
    assert not found, why


def test_two_levels_of_extends():
    parents = {
        str(path.relative_to("templates")): match.group(1)
        for path, source in TEMPLATES.items()
        if path.parts[0] == "templates" and (match := re.search(r"\{% extends \"([^\"]+)\"", source))
    }
    too_deep = [
        name for name, parent in parents.items() if parents.get(parents.get(parents.get(parent, ""), ""), "")
    ]
    assert not too_deep


# --- registries ---------------------------------------------------------------------------------


def test_registries_are_documented():
    assert (BASE / "docs/registries.md").read_text() == document(), "Run: python manage.py registries"


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.name)
def test_registry_is_asked_by_its_owner(registry):
    owner, _, variable = registry.name.partition(".")
    readers = [
        path
        for path, source in sources(".py").items()
        if path.parts[0] in (owner, "config")
        if variable in source and reads(source, variable)
    ]
    assert readers, f"Nothing in {owner} asks {registry.name}; what others register there is never called."


def reads(source: str, variable: str) -> bool:
    """Whether the code uses the registry otherwise than by registering in it."""
    tree = ast.parse(source)
    registering = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "register"
    }
    return any(
        isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Load)
        and node.id == variable
        and id(node) not in registering
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.name)
def test_registry_has_more_than_one_entry(registry):
    assert len(registry.items()) > 1, f"{registry.name}: what one app answers belongs in a wider registry."


def test_registries_stay_few():
    assert len(REGISTRIES) <= 12, "Add to a record of hooks (docs/registries.md) instead of another registry."


@pytest.mark.parametrize("at", PanelPage)
def test_panels_of_every_page_are_shown(at):
    asked = f"panels_on(PanelPage.{at.name}"
    assert any(asked in source for source in sources(".py").values()), f"Nothing asks for panels of {at}."


# --- texts --------------------------------------------------------------------------------------


def test_every_text_is_translated():
    told = StringIO()
    try:
        call_command("translations", "--check", stdout=told)
    except CommandError as error:
        pytest.fail(f"{error}\n{told.getvalue()}")


def test_languages_have_a_catalogue():
    for language, _name in settings.LANGUAGES:
        assert language == "en" or (settings.LOCALE_PATHS[0] / language / "LC_MESSAGES/django.po").exists()


def test_a_public_name_means_one_thing():
    """A name that is searched for is found in at most two modules."""
    assert homes_of_names() == {}
