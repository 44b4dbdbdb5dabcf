"""Neighbourhoods in a real browser: for who lives there, at a kitchen table, and on the way to a decision."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from feedback.models import AnswerOwed, Following
from initiatives.models import Note
from initiatives.needs.services.notes import TalkNote, create_note
from neighbourhoods.models import Area, Postcode, TalkBack, Trajectory
from neighbourhoods.states import Phase, Role, TalkBackKind
from neighbourhoods.trajectories import services as trajectories
from tests.browser.looking import SCREENS, speak, sticks_out, violations
from tests.browser.test_staff_pages import look_at, signed_in_page
from tests.feedback.factories import make_follow_up
from tests.neighbourhoods.test_trajectories import PLAN
from tests.people import make_area, make_border, make_theme, make_user
from tests.surveys.drafts import make_open

pytestmark = pytest.mark.django_db(transaction=True)

LINES = """title => { const range = document.createRange(); range.selectNodeContents(title);
  return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size; }"""


@pytest.fixture
def place(municipality, district) -> Area:
    """A neighbourhood with a neighbour, something asked, something decided and a plan."""
    area = make_area("Sluishoek", slug="sluishoek", parent=district)
    make_border(area)
    make_border(make_area("Werfkade", slug="werfkade", parent=district), west=4.91)
    editor = make_user(Role.EDITOR, district, title="wijkmanager", email="editor@waterdam.example")
    backer = make_user(Role.BACKER, district, title="wethouder")
    make_open(areas=[area], by=editor, backer=backer)
    make_follow_up(areas=[area], owner=editor, state="fanned_out", fanned_out_at=timezone.now())
    trajectory = trajectories.start_trajectory(
        title="Het plein", areas=[area], phase=Phase.PREPARATION, owner=editor, by=editor
    )
    trajectories.save_plan(plan=trajectory.plan, fields=PLAN, why={}, by=editor)
    trajectories.publish_plan(plan=trajectory.plan, by=editor)
    back = TalkBack(kind=TalkBackKind.MEETING, on=timezone.localdate(), support_yes=8, support_no=1)
    trajectories.record_talk_back(trajectory=trajectory, talk_back=back, by=editor)
    for code, areas in (("1011AB", [area]), ("1011AC", [area, Area.objects.get(slug="werfkade")])):
        for one in areas:
            Postcode.objects.create(code=code, area=one)
    make_theme("green", name={"nl": "Groen", "en": "Green"})
    return area


# --- for who lives there ----------------------------------------------------------------------


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_of_residents(live_server, new_context, place, language, width):
    page = new_context().new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(live_server.url)
    speak(page, language)
    urls = [reverse("find"), *(reverse(name, args=[place.slug]) for name in ("neighbourhood", "follow"))]
    urls.append(reverse("plan", args=[Trajectory.objects.get().pk]))
    wrong = look_at(page, live_server.url, urls, by_thumb=True)
    assert not wrong, json.dumps(wrong, indent=1)


def test_a_neighbourhood_is_found_by_postcode_and_followed_without_javascript(
    live_server, new_context, place, console_errors
):
    page = new_context(java_script_enabled=False).new_page()
    page.set_viewport_size({"width": 320, "height": 740})
    page.goto(live_server.url + reverse("find"))
    page.get_by_label("Uw postcode").fill("9999 ZZ")
    page.get_by_role("button", name="Zoek").click()
    expect(page.get_by_label("Uw postcode")).to_have_value("9999 ZZ")
    console_errors.clear()  # the browser tells of 422
    page.get_by_label("Uw postcode").fill("1011 ac")
    page.get_by_role("button", name="Zoek").click()
    page.get_by_role("heading", name="Uw postcode ligt in twee buurten").or_(
        page.get_by_text("Uw postcode ligt in twee buurten")
    ).first.wait_for()
    assert "1011" not in page.url
    page.get_by_label("Uw postcode").fill("1011 ab")
    page.get_by_role("button", name="Zoek").click()
    expect(page).to_have_url(live_server.url + reverse("neighbourhood", args=[place.slug]))
    page.get_by_role("link", name="Volg Sluishoek").click()
    page.get_by_label("Uw e‑mailadres").fill("neighbour@example.nl")
    expect(page.get_by_role("checkbox").first).to_be_visible()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Houd mij op de hoogte").click()
    page.get_by_text("neighbour@example.nl").wait_for()
    assert Following.objects.get().area == place


# --- at a kitchen table -----------------------------------------------------------------------


@pytest.fixture
def talk(live_server, new_context, place, district) -> Page:
    """The page on which a talk is noted, on the phone of a coordinator."""
    coordinator = make_user(Role.COORDINATOR, district, email="talks@waterdam.example")
    page = signed_in_page(new_context(), live_server.url, coordinator, 360)
    page.goto(live_server.url + reverse("note_new", args=[place.slug]))
    return page


def test_a_note_fits_a_phone(live_server, talk, place):
    create_note(area=place, talk_note=TalkNote("Een bank."), language="nl", sent_key=uuid4(), by=make_user())
    assert not violations(talk) + sticks_out(talk)
    expect(talk.get_by_text("Geen verbinding.")).to_be_hidden()
    talk.goto(live_server.url + reverse("notes", args=[place.slug]))
    assert not violations(talk) + sticks_out(talk)


def test_a_note_survives_a_lost_connection_and_leaves_the_phone_when_sent(talk, console_errors):
    talk.get_by_label("Wat wensen zij?").fill("Een bankje in de schaduw.")
    talk.get_by_label("Waar gaat het over?").select_option(label="Groen")
    talk.context.set_offline(True)
    talk.get_by_role("button", name="Verstuur").click()
    talk.get_by_text("Geen verbinding.").wait_for()
    assert not Note.objects.exists()
    talk.context.set_offline(False)
    talk.reload()  # the phone was put away
    talk.get_by_text("stond nog op uw telefoon").wait_for()
    expect(talk.get_by_label("Wat wensen zij?")).to_have_value("Een bankje in de schaduw.")
    talk.get_by_role("button", name="Verstuur").click()
    talk.get_by_role("heading", name="Laat dit op tafel achter").wait_for()
    assert AnswerOwed.objects.count() == Note.objects.count() == 1
    assert not violations(talk) + sticks_out(talk)
    assert talk.evaluate("localStorage.length") == 0
    console_errors.clear()  # the browser tells that there was no connection


def test_a_draft_is_kept_for_a_day(talk):
    talk.get_by_label("Wat wensen zij?").fill("Een bankje.")
    talk.wait_for_timeout(600)  # it is kept a moment after the last letter
    assert talk.evaluate("localStorage.length") == 1
    talk.evaluate(
        """() => {
          const key = localStorage.key(0), draft = JSON.parse(localStorage.getItem(key));
          localStorage.setItem(key, JSON.stringify({...draft, at: draft.at - 25 * 3600 * 1000}));
        }"""
    )
    talk.reload()
    expect(talk.get_by_label("Wat wensen zij?")).to_have_value("")
    assert talk.evaluate("localStorage.length") == 0


def test_what_is_wrong_is_said_on_the_page(talk, console_errors):
    talk.get_by_role("button", name="Verstuur").click()
    talk.locator("[aria-invalid=true]").wait_for()
    console_errors.clear()  # the browser tells of 422


def test_many_actions_leave_the_title_its_room(live_server, new_context, area, administrator):
    page = signed_in_page(new_context(), live_server.url, administrator, 1280)
    page.goto(live_server.url + reverse("areas"))
    title = page.get_by_role("heading", level=1)
    lines = title.evaluate(LINES)
    assert 0 < lines <= len(title.inner_text().split()) / 2, "a title, not one word beneath the other"


# --- on the way to a decision -----------------------------------------------------------------


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_pages_of_a_trajectory(live_server, new_context, place, language, width):
    one = Trajectory.objects.get()
    page = signed_in_page(new_context(), live_server.url, one.owner, width)
    speak(page, language)
    names = ("trajectory", "trajectory_change", "plan_read", "plan_edit", "talk_back_new")
    urls = [reverse("trajectories"), reverse("trajectory_new"), reverse("trajectory_step", args=[one.pk, 7])]
    urls += [reverse(name, args=[one.pk]) for name in names]
    urls.append(reverse("talk_back", args=[one.pk, one.talk_backs.get().pk]))
    wrong = look_at(page, live_server.url, urls)
    assert not wrong, json.dumps(wrong, indent=1)
