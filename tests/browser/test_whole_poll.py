"""A poll from its template to what residents read of it, by somebody who is new here.

Told once and done twice: in Dutch by keyboard alone at a desk, and in English by tapping on a phone.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from playwright.sync_api import expect

from feedback.models import ContributionTheme, Heartbeat
from neighbourhoods.colleagues import services as colleagues
from neighbourhoods.states import Role
from surveys.invitations.services import post
from surveys.models import PaperForm, Survey
from surveys.paper.services import paper_forms
from surveys.printing import sheets
from surveys.publication import services as snapshot
from surveys.questionnaire.document import parse
from surveys.results.services import exports
from tests.browser.hands import Keyboard, Thumb
from tests.browser.story import Story
from tests.people import make_municipality, make_theme

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]

PASSWORD = "lantaarn-haven-42"
ADDRESSES = b"Straat;Huisnummer;Postcode;Woonplaats\nKade;1;1234AB;Waterdam\nKade;3;1234AB;Waterdam\n"
OWN_TOPIC = {"nl": "Uw eigen onderwerp", "en": "Your own topic"}
WORDS = {"nl": "Meer bomen langs het water", "en": "More trees along the water"}
STANDS_OUT = {"nl": "Ontmoeten komt eerst.", "en": "Meeting comes first."}


@pytest.fixture
def waterdam(area, next_area, administrator, backer):
    make_municipality(phone="14 099")
    Heartbeat.objects.create(name="jobs")
    for slug in ("meeting", "green", "traffic", "youth", "help"):
        make_theme(slug)
    return administrator


def follows_remark(story: Story, link, field: str) -> None:
    """To the field it is about: what is typed next lands there."""
    with story.page.expect_navigation():
        story.hand.press(link.first)
    expect(story.field(field)).to_be_focused()


def take_step(story: Story, label: str) -> None:
    """The button, what it means, and the button that says yes."""
    story.go("link", label)
    with translation.override(story.language):
        sure = translation.gettext("Yes, %(what)s") % {"what": translation.gettext(label).lower()}
    story.hand.follow("button", sure)


def days(n: int) -> str:
    return (timezone.localdate() + timedelta(days=n)).isoformat()


def comes_in(story: Story, boss) -> None:
    """By the link in a mail: what they are called, and a password."""
    invitation = colleagues.invite_colleague(
        email="new@waterdam.example",
        role=Role.ADMINISTRATOR,
        area=boss.memberships.get().area,
        until=None,
        by=boss,
    )
    story.page.goto(story.base + "/" + colleagues.invitation_url(invitation).split("/", 3)[3])
    story.look("welcome")
    story.hand.write(story.field("What are you to residents?"), "wijkmanager")
    chosen = story.field("Language of our mails to you").input_value()
    assert chosen == story.language  # what they read this page in
    story.hand.write(story.field("Choose a password"), PASSWORD)
    story.go("button", "Start")
    story.look("today")


def starts_from_a_template(story: Story) -> None:
    story.go("link", "Surveys", exact=False)
    story.look("surveys")
    story.go("link", "New survey")
    story.look("new")
    story.hand.tick(story.hand.find("checkbox", "Harbour", exact=False))
    story.go("button", "Start")
    story.look("questions")


def fills_in_what_is_missing(story: Story) -> None:
    """By the list on the page of opening: each remark leads to its field."""
    story.go("link", "To opening")
    story.look("missing")
    not_yet = story.page.locator("#not-yet")
    follows_remark(
        story, story.page.locator(".nabij-lint--stop a[href*=promise_before]"), "They hear it before"
    )
    story.hand.write(story.field("They hear it before"), days(40))
    story.hand.write(story.field("Answers are erased on"), days(200))
    story.look("about")
    story.go("button", "Save")
    story.look("about-saved")
    says_that_the_proposals_are_right(story)
    follows_remark(story, story.page.locator(".nabij-lint--stop a"), "Legal basis")
    story.hand.write(story.field("In which law or decision"), "Participatieverordening, artikel 3")
    story.hand.write(
        story.field("Note for the impact assessment (DPIA)"), "Klein risico, geen gevoelige vragen."
    )
    story.hand.write(story.field("Who processes the answers for you"), "Niemand.")
    story.hand.tick(story.page.locator("[name=as_default]"))
    story.look("keeping")
    story.go("button", "Save")
    expect(story.page.get_by_text(story.say("Nothing is missing."))).to_be_visible()
    assert not not_yet.count()


def says_that_the_proposals_are_right(story: Story) -> None:
    """What the template says about this municipality: each remark leads to its tick, one page after the other."""
    proposals = story.page.locator(".nabij-lint--stop a[href*=confirm_]")
    story.go("link", "See the list")
    while proposals.count():
        with story.page.expect_navigation():
            story.hand.press(proposals.first)
        expect(story.page.locator("input[name^=confirm_]:focus")).to_have_count(1)
        for tick in story.page.locator("input[name^=confirm_]").all():
            story.hand.tick(tick)
        story.look("proposals")
        story.go("button", "Save")
        if not proposals.count():  # of a page that lists its own alone
            story.go("link", "To opening" if "/questions/" in story.page.url else "See the list")


def publishes_and_asks_a_backer(story: Story, backer) -> None:
    story.go("link", "Opening")
    story.look("opening")
    take_step(story, "Publish")
    story.look("published")
    story.hand.choose(story.field("Whom do you ask?"), f"{backer.title} ({backer.email})")
    story.go("button", "Ask")
    story.look("asked")


def the_backer_signs(story: Story, backer) -> None:
    other = story.begin()
    story.sign_in(other, backer)
    story.look("asked-of-me", other)
    other.follow("link", story.say("Asked of you"), exact=False)
    other.follow("link", "Harbour", within=other.page.locator("main"), exact=False)
    story.look("backing", other)
    other.follow("link", story.say("Read the exact text"))
    story.look("text", other)
    other.page.go_back()
    other.follow("button", story.say("I stand behind this"))
    story.look("signed", other)
    other.page.context.close()


def opens(story: Story) -> None:
    story.page.reload()
    take_step(story, "Open the survey")
    story.look("open")
    story.go("link", "Invite residents")
    story.look("ways")


def adds_ways_in(story: Story) -> None:
    for kind, name in (("door to door", "Ronde"), ("paper", "Bibliotheek")):
        story.hand.choose(story.field("Kind"), story.say(kind))
        story.hand.write(story.field("Name"), name)
        story.go("button", "Add")
        expect(story.page.get_by_role("heading", name=name)).to_be_visible()
    story.look("ways-added")


def prints_letters(story: Story, tmp_path) -> None:
    (tmp_path / "addresses.csv").write_bytes(ADDRESSES)
    story.go("link", "Letters to addresses")
    story.hand.write(story.field("Name"), "Brieven Kade")
    story.hand.give_file(story.field("List of addresses"), tmp_path / "addresses.csv")
    story.look("letters-new")
    story.go("button", "Look at it first")
    story.look("letters-list")
    story.hand.follow("button", story.plural("Make %(n)s letter", "Make %(n)s letters", 2))
    story.look("letters-making")
    post.run_letter_jobs()
    expect(story.page.get_by_role("heading", level=1)).to_have_text(story.say("Ready for the printer"))
    story.look("letters-made")
    archive = story.hand.take(story.hand.find("button", story.say("Download for the printer")))
    assert archive.stat().st_size > 10_000


def a_resident_answers_on_a_phone(story: Story) -> str:
    """Without JavaScript, by the open link. Returns the code of their own page."""
    resident = story.begin(scripts=False)
    page = resident.page
    page.goto(f"{story.base}/p/{Survey.objects.get().channels.get(kind='link').code}/")
    story.look("start", resident)
    resident.follow("button", story.say("Start with question 1"))
    for number in range(1, 5):
        story.look(f"question-{number}", resident)
        with page.expect_navigation():
            resident.press(page.locator("main .nabij-options button.nabij-option").nth(0))
    story.look("thanks", resident)
    resident.follow("button", OWN_TOPIC[story.language], exact=False)
    story.look("own-topic", resident)
    resident.write(page.locator("textarea"), WORDS[story.language])
    resident.follow("button", story.say("Done", "button"))
    story.look("thanks", resident)
    code = page.locator(".nabij-code").inner_text()
    resident.follow("button", story.say("I'm done"))
    story.look("done", resident)
    page.context.close()
    return code


def a_form_on_paper_is_put_in(story: Story) -> None:
    story.page.goto(story.base + reverse("survey_channels", args=[Survey.objects.get().pk]))
    story.go("link", "Print forms, or enter a pile")
    story.look("paper")
    story.go("link", "Print forms")
    story.hand.write(story.field("How many forms"), "2")
    story.hand.write(story.field("Where to hand it in, and until when"), "Bibliotheek, tot 1 juni")
    story.hand.tick(story.hand.find("radio", story.say("none")))
    story.look("paper-new")
    story.go("button", "Make the forms")
    story.look("paper-making")
    paper_forms.run_paper_jobs()
    expect(story.page.get_by_role("heading", level=1)).to_have_text(story.say("Ready for the printer"))
    story.look("paper-made")
    story.go("link", "Forms on paper")
    number = sheets.format_form_number(PaperForm.objects.earliest("number").pk)
    story.hand.write(story.field("Number of the form"), number)
    story.go("button", "Enter this form")
    reads_as_printed(story)
    story.look("paper-form")
    fill_in_first_answers(story)
    story.look("paper-filled")
    story.go("button", "Enter, and on to the next")
    story.look("paper-next")


def somebody_answers_at_the_door(story: Story) -> None:
    story.page.goto(story.base + reverse("survey_channels", args=[Survey.objects.get().pk]))
    story.go("link", "Fill it in together")
    story.look("helping")
    story.go("link", "Ronde")
    reads_as_printed(story)
    story.look("sheet")
    fill_in_first_answers(story)
    story.go("button", "Send, and show the code")
    story.look("code")
    expect(story.page.locator(".nabij-code")).to_be_visible()
    story.go("link", "That's all")


def reads_as_printed(story: Story) -> None:
    """In the language of who is asked, whatever the colleague reads."""
    expect(story.page.locator("section[lang=nl] h1").first).to_have_text("Hoe is het om in Harbour te wonen?")


def fill_in_first_answers(story: Story) -> None:
    questions = story.page.locator(".nabij-question:has(input[type=radio])")
    for number in range(4):
        story.hand.tick(questions.nth(number).get_by_role("radio").first)


def eleven_others_answer() -> None:
    survey = Survey.objects.get()
    channel = survey.channels.get(kind="link")
    asked = parse(survey.current.document).first_layer.asked
    for _person in range(11):
        client = Client()
        client.post(reverse("begin", args=[channel.code]), {"submit_key": uuid4().hex})
        for question in asked:
            answer = {f"q{question.id}": question.offered[0].id}
            client.post(reverse("question", args=[channel.code, question.id]), answer)
    cache.clear()


def watches_the_reach(story: Story) -> None:
    story.go("link", "Results", within=story.page.get_by_role("navigation").first, exact=False)
    story.look("results-overview")
    story.hand.follow("link", "Harbour", within=story.page.locator("main"), exact=False)
    story.look("results")
    story.go("link", "Reach")
    story.look("reach")


def codes_the_answers(story: Story) -> None:
    story.go("link", "Listening", exact=False)
    story.look("listening")
    story.hand.tick(story.hand.find("checkbox", "Green"))
    story.hand.tick(story.page.locator("[name=reading]").first)
    story.go("button", "Keep, and on to the next")
    story.look("listened")
    assert ContributionTheme.objects.get().theme.slug == "green"


def takes_answers_along(story: Story) -> None:
    """Row by row, for who was named for it."""
    story.go("link", "Export")
    story.look("export")
    story.hand.choose(story.field("Colleague"), "wijkmanager (new@waterdam.example)")
    story.go("button", "Name this colleague")
    story.hand.write(story.field("What for?"), "Onderzoek naar ontmoeten")
    story.look("export-named")
    story.go("button", "Make the file")
    story.look("export-making")
    exports.run_export_jobs()
    expect(story.page.get_by_role("heading", level=1)).to_have_text(story.say("The file is ready"))
    story.look("export-made")
    assert story.hand.take(story.hand.find("button", story.say("Download"))).stat().st_size > 500
    story.go("link", "Take answers along")


def publishes_what_came_out(story: Story) -> None:
    snapshot.take_snapshots()
    story.page.goto(story.base + reverse("survey_results", args=[Survey.objects.get().pk]))
    for link, name in (("Side by side", "beside"), ("Cross table", "closer")):
        story.go("link", link)
        story.look(name)
    takes_answers_along(story)
    story.go("link", "By question")
    story.go("link", "What residents see")
    story.look("outcome-preview")
    for language, words in STANDS_OUT.items():
        story.hand.write(story.page.locator(f"[name=words_{language}]"), words)
    story.go("button", "Publish this page")
    story.look("outcome-published")


def residents_read_it(story: Story, code: str) -> None:
    resident = story.begin(scripts=False)
    resident.page.goto(f"{story.base}/p/{Survey.objects.get().channels.get(kind='link').code}/results/")
    story.look("outcome", resident)
    expect(resident.page.get_by_text(STANDS_OUT[story.language])).to_be_visible()
    resident.page.goto(story.base + reverse("private_code"))
    story.look("code", resident)
    resident.write(resident.page.locator("main input[type=text]").first, code)
    resident.follow("button", story.say("Open my page"))
    story.look("own-page", resident)
    expect(resident.page.get_by_text(WORDS[story.language]).first).to_be_visible()


@pytest.mark.parametrize(("kind", "language", "width"), [(Keyboard, "nl", 1280), (Thumb, "en", 360)])
def test_story(waterdam, backer, live_server, new_context, tmp_path, kind, language, width):
    story = Story(new_context, live_server.url, kind, language, width)
    comes_in(story, waterdam)
    starts_from_a_template(story)
    fills_in_what_is_missing(story)
    publishes_and_asks_a_backer(story, backer)
    the_backer_signs(story, backer)
    opens(story)
    adds_ways_in(story)
    prints_letters(story, tmp_path)
    code = a_resident_answers_on_a_phone(story)
    a_form_on_paper_is_put_in(story)
    somebody_answers_at_the_door(story)
    eleven_others_answer()
    watches_the_reach(story)
    codes_the_answers(story)
    publishes_what_came_out(story)
    residents_read_it(story, code)
    assert not story.wrong, story.wrong
