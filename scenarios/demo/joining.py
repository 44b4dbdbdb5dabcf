"""The demo's offers, gifts, initiatives, roles and matches."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import Contact, User
from initiatives.initiatives.services import beginning, running, telling
from initiatives.matching.services import endings, matches, roles
from initiatives.models import ExpectationCard, Initiative, Match, Offer, Task, Update, VolunteerRole
from initiatives.needs.services import notes
from initiatives.offers.services import offer_care
from initiatives.offers.services.offers import Gift, Hands, make_offer
from initiatives.states import (
    Involvement,
    Language,
    MatchState,
    Motive,
    OfferKind,
    OfferState,
    Rhythm,
    Side,
    Skill,
)
from neighbourhoods.models import Area, Place, Theme
from neighbourhoods.states import GovernmentRole, PartyKind
from scenarios.demo import places

CONSENT_TEXT = "Ik wil meedoen. De gemeente mag daarover contact met mij opnemen."


def t(nl: str, en: str) -> dict[str, str]:
    return {"nl": nl, "en": en}


# way, skills, motives, theme, languages, moments, words, days ago
HANDS_OFFERS: tuple[tuple[Involvement, list[Skill], list[Motive], str, list[Language], list[str], str, int], ...] = (
    (Involvement.ONCE, [Skill.GREEN, Skill.HANDY], [Motive.STREET], "green", [Language.NL], ["6m", "6a"], "", 0),
    (
        Involvement.OFTEN, [Skill.COOK], [Motive.MEET, Motive.OTHERS], "meeting", [Language.NL, Language.TR],
        ["2m", "2a", "4a", "4e", "6m"], "Ik kook graag voor een volle tafel.", 1,
    ),
    (Involvement.THINK, [Skill.LANGUAGE], [Motive.OTHERS], "help", [Language.NL, Language.AR], [], "", 2),
    (
        Involvement.PULL, [Skill.ORGANISE, Skill.CONNECT], [Motive.CHANGE], "meeting", [Language.NL],
        ["1n", "2n", "3n", "4n"], "Er gebeurt hier te weinig. Daar wil ik wat aan doen.", 3,
    ),
    (Involvement.ONCE, [Skill.DRIVE], [Motive.OTHERS], "traffic", [Language.NL], ["3a", "5a"], "", 4),
    (Involvement.OFTEN, [Skill.DIGITAL], [Motive.WORK, Motive.LEARN], "help", [Language.NL, Language.EN],
     ["6m"], "", 5),
    (Involvement.OFTEN, [Skill.COOK, Skill.CARE], [Motive.MEET], "meeting",
        [Language.NL], ["2m", "4e"], "", 6),
    (Involvement.OFTEN, [Skill.GREEN], [Motive.STREET, Motive.LEARN], "green", [Language.PL], ["3a", "6m"], "", 8),
    (Involvement.ONCE, [Skill.HANDY], [Motive.OTHERS], "help", [Language.NL], ["6m", "6a"], "", 9),
    (Involvement.OFTEN, [Skill.CARE], [Motive.OTHERS], "help", [Language.NL], ["1a", "3a", "5a"], "", 11),
    (
        Involvement.OFTEN, [Skill.HANDY], [Motive.OTHERS], "help", [Language.NL], ["6m"],
        "Ik heb veertig jaar fietsen gemaakt.", 12,
    ),
    (Involvement.OFTEN, [Skill.HANDY, Skill.DIGITAL], [Motive.MEET], "help", [Language.NL], ["6m", "6a"], "", 13),
    (
        Involvement.OFTEN, [Skill.DIGITAL], [Motive.LEARN], "help", [Language.NL, Language.PL], ["6m"],
        "Ik leer het graag van een ander.", 14,
    ),
    # These are free for a round of proposals.
    (
        Involvement.OFTEN, [Skill.COOK], [Motive.OTHERS], "meeting", [Language.NL], ["6a", "6e"],
        "Op het schip kookte ik elke dag voor dertig man.", 4,
    ),
    (Involvement.OFTEN, [Skill.COOK, Skill.ORGANISE], [Motive.MEET], "meeting",
        [Language.NL], ["6e"], "", 3),
    (Involvement.OFTEN, [Skill.GREEN], [Motive.STREET], "green", [Language.NL, Language.TR], ["3a", "6m"], "", 4),
    (Involvement.OFTEN, [Skill.GREEN, Skill.HANDY], [Motive.LEARN], "green", [Language.NL], ["3a"], "", 2),
    (
        Involvement.OFTEN, [Skill.COOK, Skill.CONNECT], [Motive.MEET], "meeting",
        [Language.NL, Language.AR], ["2m", "6e"],
        "Iedereen mag bij mij aan tafel.", 2,
    ),
)  # fmt: skip

# initiative (starts with), role, number of people, skills, languages, moments, adults only, clearance
VOLUNTEER_ROLES: tuple[tuple[str, dict[str, str], int, list[Skill], list[Language], list[str], bool, bool], ...] = (
    (
        "Koffie", t("Gastheer of gastvrouw", "Host"), 2, [Skill.COOK, Skill.CONNECT], [Language.NL],
        ["2m"], False, False,
    ),
    (
        "Buurtmaaltijd", t("Koken voor veertig buren", "Cooking for forty"), 3, [Skill.COOK], [], ["6a", "6e"],
        False, False,
    ),
    ("Buurttuin", t("Wieden en planten", "Weeding and planting"), 4, [Skill.GREEN], [], ["3a"], False, False),
    (
        "Repair-tafel", t("Repareren wat kapot is", "Mending what is broken"), 2, [Skill.HANDY, Skill.DIGITAL], [],
        ["6m"], False, False,
    ),
    (
        "Huiswerk", t("Maatje bij het huiswerk", "Helping with homework"), 2, [Skill.LANGUAGE, Skill.CARE],
        [Language.NL], ["1a", "4a"], True, True,
    ),
)  # fmt: skip


def make_offers_and_matches(
    *, areas: Mapping[str, Area], themes: Mapping[str, Theme], card: ExpectationCard, by: User
) -> None:
    """The coordinator's work of the last two weeks."""
    beginning.set_invitation_card(area=areas["Oosterhaven"], card=card, by=by)
    looked_for = _make_roles(card, by)
    _fill_coffee_table(looked_for, by)
    _garden(looked_for, by)
    _make_ended_initiative(areas, themes, by)
    _begin_ideas(areas, themes, by)
    _talk(areas, themes, by)
    offers = offer_hands(
        card, areas=[areas[name] for name in ("De Linde", "Havenkom", "Sluisbuurt")], themes=themes, by=by
    )
    _offer_gifts(areas, themes, by)
    _make_matches(offers, looked_for, by)


def _make_roles(card: ExpectationCard, by: User) -> dict[str, VolunteerRole]:
    """Give every running initiative an owner and open its volunteer role."""
    today = timezone.localdate()
    found = {}
    for number, (begins, name, people, skills, languages, moments, adults, clearance) in enumerate(
        VOLUNTEER_ROLES
    ):
        initiative = Initiative.objects.get(name__nl__startswith=begins)
        running.take_up_initiative(
            initiative=initiative,
            next_action="Bellen: hoe gaat het?",
            on=today + timedelta(days=3 + number),
            by=by,
        )
        role = roles.save_role(
            initiative=initiative, by=by, name=name, about={}, card=card, people=people,
            skills=[str(skill) for skill in skills], languages=[str(one) for one in languages], moments=moments,
            rhythm=Rhythm.REGULAR, starts_on=None, ends_on=None, adults_only=adults, needs_clearance=clearance,
            support=t("Uw coördinator belt na de eerste keer.", "Your coordinator calls after the first time."),
        )  # fmt: skip
        found[begins] = roles.open_role(role=role, by=by)
    return found


def _fill_coffee_table(looked_for: Mapping[str, VolunteerRole], by: User) -> None:
    """The words, meetings, picture and plan of the coffee table."""
    coffee = looked_for["Koffie"].initiative
    running.save_words(
        initiative=coffee, by=by, motives=[Motive.MEET], municipal_role=GovernmentRole.FACILITATE, name=coffee.name,
        motive=t("Ik zat elke dinsdag alleen. Nu zitten wij er met twintig.",
                 "I sat alone every Tuesday. Now there are twenty of us."),
        goal=t("Een plek waar u zo binnenloopt.", "A place to just walk into."),
        for_whom=t("Iedereen uit de Havenkom", "Everybody in the Havenkom"),
        agreements=t("Wie het laatst weggaat, doet het licht uit.", "Whoever leaves last turns off the light."),
        support=t("Het Sluishuis geeft de zaal, de gemeente de koffie.",
                  "The Sluishuis gives the room, the municipality the coffee."),
    )  # fmt: skip
    first = timezone.localdate() + timedelta(days=(1 - timezone.localdate().weekday()) % 7 or 7)
    for week in range(3):
        starts = timezone.make_aware(datetime.combine(first + timedelta(weeks=week), time(10)))
        when = telling.MeetingDetails(starts_at=starts, minutes=120, where="Het Sluishuis", about={})
        telling.add_meeting(initiative=coffee, when=when, by=by)
    second_pot = t("Vorige week waren wij met 24. Er is een tweede kan koffie gekomen.",
                   "Last week there were 24 of us. A second pot of coffee has come.")  # fmt: skip
    _news(coffee, by, second_pot, 6)
    telling.set_picture(
        initiative=coffee, by=by, sent=places.coffee(),
        alt=t("Een tekening van een lange tafel met kopjes en een koffiepot, bij ramen aan het water.",
              "A drawing of a long table with cups and a pot of coffee, by windows on the water."),
    )  # fmt: skip
    _plan(
        coffee, by,
        (t("Posters ophangen in de flat", "Putting up posters in the flats"), "", 9, True),
        (t("Kopjes tellen en bijkopen", "Counting cups and buying more"), "de gastvrouw", 14, False),
        (t("Taart bakken voor de vijftigste keer", "Baking a cake for the fiftieth time"), "", 20, True),
    )  # fmt: skip


def _news(initiative: Initiative, by: User, text: dict[str, str], days_ago: int) -> None:
    news = telling.write_update(initiative=initiative, by=by, text=text)
    Update.objects.filter(pk=news.pk).update(on=timezone.localdate() - timedelta(days=days_ago))


def _plan(initiative: Initiative, by: User, *tasks: tuple[dict[str, str], str, int, bool]) -> list[Task]:
    """Tasks are given as (what, who does it, due in how many days, open to anybody)."""
    return [
        running.add_task(
            initiative=initiative, by=by, what=what, who=who, is_open=is_open,
            before=timezone.localdate() + timedelta(days=days),
        )
        for what, who, days, is_open in tasks
    ]  # fmt: skip


def _garden(looked_for: Mapping[str, VolunteerRole], by: User) -> None:
    """The garden: agreements, updates, and a plan with one task taken."""
    garden = looked_for["Buurttuin"].initiative
    running.save_words(
        initiative=garden, by=by, motives=[Motive.STREET], municipal_role=GovernmentRole.LET_GO, name=garden.name,
        motive=t("Op deze hoek stond een hek om niets heen. Nu groeien er bonen.",
                 "On this corner stood a fence around nothing. Now beans grow there."),
        goal=t("Een hoek waar iedereen mag plukken.", "A corner where everybody may pick."),
        for_whom=t("Wie graag buiten is, ook zonder groene vingers",
                   "Whoever likes to be outside, green fingers or not"),
        agreements=t("Wie plukt, laat wat staan. De sleutel van het schuurtje hangt bij de bakker.",
                     "Whoever picks leaves some. The key of the shed hangs at the baker's."),
        support=t("De gemeente brengt twee keer per jaar aarde. De woningstichting betaalt het water.",
                  "The municipality brings soil twice a year. The housing association pays for the water."),
    )  # fmt: skip
    telling.set_picture(
        initiative=garden, by=by, sent=places.garden(),
        alt=t("Een tekening van bedden met groente, een groen schuurtje en daarachter huizen.",
              "A drawing of beds with vegetables, a green shed and houses behind it."),
    )  # fmt: skip
    for days, text in (
        (25, t("Er staan nu zes bakken. De twee hoge zijn voor wie niet kan bukken.",
          "There are six beds now. The two high ones are for whoever can't bend.")),
        (4, t("Wij oogstten vier emmers groente, voor de buurtmaaltijd.",
          "We harvested four buckets of vegetables, for the neighbourhood meal.")),
    ):  # fmt: skip
        _news(garden, by, text, days)
    tasks = _plan(
        garden, by,
        (t("Regenton halen bij de bouwmarkt", "Fetching a rain barrel from the shop"), "", 6, True),
        (t("Heg knippen", "Cutting the hedge"), "", 12, True),
        (t("Zaden bestellen voor het voorjaar", "Ordering seeds for spring"), "de penningmeester", 30, False),
        (t("Hek verven", "Painting the fence"), "de schilder van nummer 8", 2, False),
    )  # fmt: skip
    running.take_task(task=tasks[0], submit_key="demo-take-a-task-0000001", language="nl")
    running.finish_task(task=tasks[3], by=by)


def _make_ended_initiative(areas: Mapping[str, Area], themes: Mapping[str, Theme], by: User) -> None:
    today = timezone.localdate()
    swap, _code = beginning.begin_at_desk(
        draft=beginning.InitiativeDraft(
            name=t("Ruilkast in de portiek", "Swap cupboard in the porch"),
            motive=t("Ik gooide elke maand goede spullen weg.", "Every month I threw away good things."),
            goal=t("Weggeven wat u niet meer gebruikt.", "Giving away what you no longer use."),
            for_whom=t("De bewoners van de Havenflat", "Who lives in the Havenflat"),
            motives=[Motive.OTHERS],
            municipal_role=GovernmentRole.FACILITATE,
        ),
        theme=themes["meeting"], area=areas["Havenkom"], next_action="Kast ophangen", on=today, by=by,
        sent_key=UUID(int=3),
    )  # fmt: skip
    swap = running.move(initiative=swap, to="running", next_action="Bellen: hoe gaat het?", on=today, by=by)
    running.end_initiative(
        initiative=swap, by=by,
        learned=t("De kast stond na drie weken vol met wat niemand wilde. Met één vaste dag per maand ging het goed.",
                  "After three weeks the cupboard was full of what nobody wanted. With one day a month it went well."),
        thanks=t("Dank aan de portier en de acht buren die elke maand opruimden. De kast staat nu in het Sluishuis.",
                 "Thanks to the porter and the eight neighbours who cleared up each month. "
                 "The cupboard is in the Sluishuis now."),
    )  # fmt: skip


def _begin_ideas(areas: Mapping[str, Area], themes: Mapping[str, Theme], by: User) -> None:
    """Two ideas of residents: one waits for an answer, one is being prepared."""
    beginning.submit_idea(
        idea=beginning.Idea(
            why="Mijn kinderen kunnen nergens voetballen zonder auto's.",
            what="Op zondag de straat dicht, met een doel aan elke kant.",
            who="Kinderen uit de Sluisbuurt",
            motives=[Motive.STREET],
        ),
        theme=themes["youth"],
        area=areas["Sluisbuurt"],
        language="nl",
        sent_key=UUID(int=1),
        now=timezone.localtime() - timedelta(days=4),
    )
    begun = beginning.InitiativeDraft(
        name=t("Samen wandelen", "Walking together"),
        motive=t("Lopen is leuker met zijn tweeën.", "Walking is nicer together."),
        goal=t("Elke week een rondje van een uur.", "An hour's round every week."),
        for_whom=t("Wie liever niet alleen gaat", "Whoever would rather not go alone"),
        motives=[Motive.MEET],
        municipal_role=GovernmentRole.STIMULATE,
    )
    walking, _code = beginning.begin_at_desk(
        draft=begun, theme=themes["meeting"], area=areas["De Linde"], next_action="Route kiezen",
        on=timezone.localdate() + timedelta(days=5), by=by, sent_key=UUID(int=2),
    )  # fmt: skip
    running.move(
        initiative=walking, to="preparing", next_action="Route kiezen",
        on=timezone.localdate() + timedelta(days=5), by=by,
    )  # fmt: skip


def _talk(areas: Mapping[str, Area], themes: Mapping[str, Theme], by: User) -> None:
    """Notes of talks; each is owed an answer like any other contribution."""
    talks: tuple[tuple[str, str, str, list[Skill], int], ...] = (
        ("Ik durf ’s avonds niet langs het water. Doe daar iets aan het licht.", "safety", "Havenkom", [], 2),
        ("Mijn man kan de trap niet meer op. Wie helpt mij met de aanvraag?", "help", "De Linde", [], 6),
        ("Ik wil best op donderdag voorlezen, maar waar?", "youth", "Sluisbuurt", [Skill.LANGUAGE], 9),
    )
    for number, (wish, theme, area, skills, days) in enumerate(talks):
        told = notes.TalkNote(wish=wish, theme=themes[theme], skills=[str(skill) for skill in skills])
        notes.create_note(
            area=areas[area], talk_note=told, language="nl", sent_key=UUID(int=100 + number), by=by,
            now=timezone.localtime() - timedelta(days=days),
        )  # fmt: skip


def offer_hands(
    card: ExpectationCard,
    *,
    areas: list[Area],
    themes: Mapping[str, Theme],
    by: User,
    now: datetime | None = None,
) -> list[Offer]:
    """Offers of hands; the coordinator has not called all of these volunteers yet."""
    now = now or timezone.localtime()
    found = []
    for number, (way, skills, motives, theme, languages, moments, words, days) in enumerate(HANDS_OFFERS):
        hands = Hands(
            way=way, skills=[str(skill) for skill in skills], motives=[str(one) for one in motives],
            languages=[str(one) for one in languages], moments=moments, words=words, is_adult=number % 3 != 0,
            wishes=[theme] if number % 2 else [],
        )  # fmt: skip
        offer, _code = make_offer(
            hands=hands, card=card, area=areas[number % len(areas)], theme=themes[theme], owner=by, language="nl",
            email=f"hand{number}@example.org", phone="", consent=CONSENT_TEXT, submit_key=f"demo-hands-{number}",
            now=now - timedelta(days=days),
        )  # fmt: skip
        found.append(offer)
    return found


def _offer_gifts(areas: Mapping[str, Area], themes: Mapping[str, Theme], by: User) -> None:
    gifts: tuple[tuple[Gift, str, str], ...] = (
        (
            Gift(
                kind=OfferKind.SPACE, words="Onze zaal achter, voor dertig mensen. Op donderdag is hij leeg.",
                party_kind=PartyKind.ENTREPRENEUR, party_name="Café De Sluis", moments=["4a", "4e", "4n"],
                conditions="Zelf opruimen.", address="Café De Sluis, Sluiskade 3",
            ),
            "Havenkom", "meeting",
        ),
        (
            Gift(
                kind=OfferKind.SPACE, words="De aula, met een piano en een keukentje.",
                party_kind=PartyKind.ORGANISATION, party_name="School De Linde", moments=["1n", "3n"],
                conditions="Niet in de vakantie. Om tien uur gaat het alarm erop.",
                place=Place.objects.get(name="School De Linde"),
            ),
            "De Linde", "meeting",
        ),
        (
            Gift(
                kind=OfferKind.KNOWLEDGE, words="Een middag uitleg over energie en toeslagen, in gewone taal.",
                party_kind=PartyKind.ORGANISATION, party_name="Woningstichting De Sluis",
            ),
            "De Linde", "help",
        ),
        (
            Gift(
                kind=OfferKind.MATERIALS, words="Planten die over zijn, elk najaar.",
                party_kind=PartyKind.ENTREPRENEUR, party_name="Kwekerij Van de Dijk",
            ),
            "Sluisbuurt", "green",
        ),
    )  # fmt: skip
    for number, (gift, area, theme) in enumerate(gifts):
        offer, _code = make_offer(
            hands=gift, card=None, area=areas[area], theme=themes[theme], owner=by, language="nl",
            email=f"gift{number}@example.org", phone="", consent=CONSENT_TEXT, submit_key=f"demo-gift-{number}",
            now=timezone.localtime() - timedelta(days=number),
        )  # fmt: skip
        if gift.place:
            offer_care.record_offer_step(offer=offer, to=OfferState.CONTACTED, by=by, address_is_right=True)


def _make_matches(offers: list[Offer], looked_for: Mapping[str, VolunteerRole], by: User) -> None:
    """Matches: one introduced and active, one accepted by the volunteer, one proposed, one declined. The repair
    table is full, and a third volunteer is on its waiting list.
    """
    spoken = [*offers[1:9], *offers[10:]]
    for offer in spoken:
        called_on = min(offer.offered_on + timedelta(days=1), timezone.localdate())
        offer_care.record_offer_step(
            offer=offer, to=OfferState.CONTACTED, by=by, address_is_right=True, today=called_on
        )
    Contact.objects.filter(receipt__offer__in=spoken).update(confirmed_at=timezone.now())
    fitting: tuple[tuple[int, str, str], ...] = (
        (6, "Koffie", "works"), (1, "Koffie", "asked"), (7, "Buurttuin", "works"), (8, "Repair-tafel", "no"),
        (10, "Repair-tafel", "works"), (11, "Repair-tafel", "works"), (12, "Repair-tafel", "yes"),
    )  # fmt: skip
    now = timezone.localtime()
    asked = [
        (
            matches.propose(
                offer=offers[number], role=looked_for[begins], by=by, now=now - timedelta(days=days)
            ),
            what,
        )
        for days, (number, begins, what) in zip((6, 1, 5, 2, 6, 5, 4), fitting, strict=True)
    ]
    for match, what in asked:
        _answer(match, what, match.proposed_at + timedelta(hours=19))


def _answer(match: Match, what: str, now: datetime) -> None:
    if what in ("works", "yes"):
        match = matches.accept_match(match=match, side=Side.VOLUNTEER, now=now)
    if what == "works" and match.state == MatchState.INTRODUCED:
        endings.begin_match(match=match, now=now + timedelta(days=1))
    if what == "no":
        endings.decline(match=match, side=Side.VOLUNTEER, because="time", now=now)
