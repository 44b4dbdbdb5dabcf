"""The desk's pages about places and people in a real browser: accessible, fitting; and signing in with a passkey."""

import json

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from neighbourhoods.colleagues import services as colleagues
from neighbourhoods.imports.services import imports
from neighbourhoods.models import Area
from neighbourhoods.registries import Duty, duties
from neighbourhoods.settings import services as settings_services
from neighbourhoods.states import ImportKind, Role
from tests.browser.looking import SCREENS, more, speak, sticks_out, too_small_to_tap, violations
from tests.neighbourhoods.files import SQUARE, collection, feature
from tests.people import (
    PASSWORD,
    make_area,
    make_backing,
    make_border,
    make_municipality,
    make_root,
    make_user,
)

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Bedrijventerrein Nieuwendammerdijk-Zuidoost en omstreken"


@pytest.fixture
def people(municipality) -> dict:
    """A place with neighbours, colleagues, an invitation, a request to a backer and a file that is half wrong."""
    make_municipality(phone="14 099")
    for number, name in enumerate(["Werfkade", "Sluishoek", LONG]):
        make_border(
            make_area(name, slug=f"place-{number}"), west=4.9 + number / 50, size=0.02, code=f"BU{number}"
        )
    area = Area.objects.get(slug="place-0")
    boss = make_user(Role.ADMINISTRATOR, email="boss@waterdam.example", title="beheerder")
    editor = make_user(Role.EDITOR, area, email="editor@waterdam.example", title="wijkmanager")
    backer = make_user(Role.BACKER, area, email="backer@waterdam.example", title="wethouder")
    invitation = colleagues.invite_colleague(
        email="new@waterdam.example", role=Role.VIEWER, area=area, until=None, by=boss
    )
    for name in settings_services.FIRST_THEMES[:3]:
        settings_services.add_theme(name=name, by=boss)
    content = collection(feature(naam=LONG), feature([SQUARE[:-1]], naam="Kade", code="2"))
    kept = imports.stage_import(
        kind=ImportKind.BORDERS, content=content.encode(), file_name="a", options={"year": 2024}, by=boss
    )
    return {
        "boss": boss,
        "editor": editor,
        "backer": backer,
        "invitation": invitation,
        "backing": make_backing(area=area, backer=backer, by=editor),
        "import": kept,
    }


def signed_in_page(context: BrowserContext, base: str, user, width: int) -> Page:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(f"{base}{reverse('account_login')}")
    page.fill("[name=login]", user.email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    page.wait_for_url(f"{base}{reverse('desk')}")
    return page


def look_at(page: Page, base: str, urls: list[str], *, by_thumb: bool = False) -> dict[str, list[str]]:
    wrong = {}
    for url in urls:
        page.goto(f"{base}{url}")
        if found := violations(page) + sticks_out(page) + (too_small_to_tap(page) if by_thumb else []):
            wrong[url] = found
    return wrong


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_of_administrators(live_server, new_context, people, monkeypatch, language, width):
    monkeypatch.setattr(
        duties,
        "_entries",
        {"test": lambda user: [Duty("12 people wait for an answer", 12, "/desk/waiting/")]},
    )
    page = signed_in_page(new_context(), live_server.url, people["boss"], width)
    speak(page, language)
    urls = [
        reverse(name)
        for name in (
            "areas",
            "area_new",
            "imports",
            "colleagues",
            "colleague_invite",
            "settings",
            "themes",
            "events",
            "me",
        )
    ]
    urls += [
        reverse("area", args=["place-2"]),
        make_root().get_absolute_url(),
        reverse("area_change", args=["place-0"]),
        reverse("import_new", args=["borders"]),
        reverse("import_one", args=[people["import"].pk]),
        reverse("colleague", args=[people["editor"].pk]),
        reverse("theme", args=["ontmoeten"]),
        reverse("mfa_index") + "?required=1",
        reverse("usersessions_list"),
        reverse("account_change_password"),
    ]
    wrong = look_at(page, live_server.url, urls)
    assert not wrong, json.dumps(wrong, indent=1)


@pytest.mark.parametrize(("language", "width"), [("nl", 320), more("en", 360)])
def test_backer_decides_with_one_thumb(live_server, new_context, people, language, width):
    urls = [reverse("backings"), reverse("backing", args=[people["backing"].pk])]
    page = signed_in_page(new_context(), live_server.url, people["backer"], width)
    speak(page, language)
    wrong = look_at(page, live_server.url, urls, by_thumb=True)
    assert not wrong, json.dumps(wrong, indent=1)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("main form[action$='/sign/'] button").click()
    page.wait_for_load_state()
    assert not violations(page)
    people["backing"].refresh_from_db()
    assert people["backing"].state == "signed"


def test_pages_before_sign_in(live_server, new_context, console_errors, people):
    page = new_context().new_page()
    page.set_viewport_size({"width": 320, "height": 740})
    link = "/" + colleagues.invitation_url(people["invitation"]).split("/", 3)[3]
    urls = [
        link,
        *(
            reverse(name)
            for name in ("account_login", "account_request_login_code", "account_reset_password")
        ),
    ]
    wrong = look_at(page, live_server.url, urls, by_thumb=True)
    assert not wrong, json.dumps(wrong, indent=1)
    page.goto(live_server.url + link)
    page.get_by_label("Wat bent u voor bewoners?").fill("meelezer")
    page.get_by_label("Kies een wachtwoord").fill("kort")
    with page.expect_navigation():
        page.get_by_role("button", name="Begin").click()
    assert not violations(page)
    console_errors.clear()  # the 422 of a form that comes back
    page.get_by_label("Kies een wachtwoord").fill("lantaarn-haven-42")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url(f"{live_server.url}{reverse('desk')}")


def test_import_in_a_browser(live_server, new_context, people, tmp_path):
    (tmp_path / "areas.geojson").write_text(json.dumps(json.loads(collection(feature(code="BU9")))))
    page = signed_in_page(new_context(java_script_enabled=False), live_server.url, people["boss"], 1280)
    page.goto(live_server.url + reverse("import_new", args=["borders"]))
    page.set_input_files("[name=file]", tmp_path / "areas.geojson")
    page.get_by_role("button", name="Bekijk het eerst").click()
    page.get_by_role("button", name="Ja, bewaar dit").click()
    page.get_by_role("heading", name="Dit is klaar").wait_for()
    assert Area.objects.filter(name="Haven").exists()


def test_passkey(live_server, new_context, people):
    """Made once with the password, used afterwards alone; also where a second step is asked."""
    make_municipality(phone="14 099", roles_with_mfa=[Role.EDITOR])
    page = new_context().new_page()
    phone = page.context.new_cdp_session(page)
    phone.send("WebAuthn.enable")
    phone.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto(f"{live_server.url}{reverse('account_login')}")
    page.fill("[name=login]", people["editor"].email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    page.wait_for_url("**/account/2fa/?required=1")
    page.goto(f"{live_server.url}{reverse('mfa_add_webauthn')}")
    page.fill("[name=password]", PASSWORD)  # asked once more before sign-in changes
    page.locator("main form button.utrecht-button--primary-action").click()
    page.wait_for_url("**/webauthn/add/**")
    page.locator("[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    # The page of the recovery codes, made with the first passkey: only then it is kept.
    page.wait_for_url(live_server.url + reverse("mfa_view_recovery_codes"))
    assert people["editor"].has_second_factor()
    page.goto(f"{live_server.url}{reverse('desk')}")
    page.get_by_role("button", name="Uitloggen").click()
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}{reverse('account_login')}")
    page.locator("#passkey_login").click()
    page.wait_for_url(f"{live_server.url}{reverse('desk')}")
