"""Safety: how people feel outdoors, where and when, and what would help. Nothing about who did what to whom."""

from surveys.library.first_sounding import OWN
from surveys.library.plan import (
    COORDINATOR,
    DONT_KNOW,
    FOUR_SHORT,
    MANAGER,
    LayerPlan,
    OptionPlan,
    Plan,
    QuestionPlan,
    choice,
    t,
)

SAFETY_LEAD = t("De teamleider veiligheid", "The team lead for safety")

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="evening",
            type="scale",
            text=t("Hoe loopt u 's avonds door {place}?", "How do you walk through {place} in the evening?"),
            purpose=t(
                "Cijfers van de politie zeggen niet hoe een straat voelt.",
                "Police figures don't say how a street feels.",
            ),
            use=t(
                "Wij vragen het volgend jaar weer. Dan ziet u of het beter werd.",
                "We ask again next year. Then you see whether it got better.",
            ),
            owner_role=SAFETY_LEAD,
            theme="safety",
            options=(
                choice("calm", "Rustig", "At ease"),
                choice("alert", "Ik let goed op", "I keep my eyes open"),
                choice("detour", "Ik loop liever om", "I'd rather take another way"),
                choice("inside", "Ik ga dan niet naar buiten", "I don't go out then"),
            ),
        ),
        QuestionPlan(
            key="cause",
            type="one_choice",
            text=t("Wat maakt het hier minder prettig?", "What makes it less pleasant here?"),
            purpose=t(
                "Licht vraagt een monteur, overlast een gesprek.",
                "Light takes a fitter, trouble takes a talk.",
            ),
            use=t("Het meest genoemde pakken wij als eerste aan.", "We take on first what is named most."),
            owner_role=SAFETY_LEAD,
            asks_needs=True,
            theme="safety",
            options=(
                choice("dark", "Donkere plekken", "Dark places", "safety"),
                choice("cars", "Te hard rijden", "Driving too fast", "traffic"),
                choice("groups", "Groepen op straat", "Groups in the street", "youth"),
                choice("litter", "Rommel en vernieling", "Litter and damage", "safety"),
                choice("fine", "Niets, het is hier prettig", "Nothing, it is pleasant here"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="knock",
            type="one_choice",
            text=t(
                "Bij hoeveel buren kunt u aanbellen als er iets is?",
                "At how many neighbours' doors can you ring if something is wrong?",
            ),
            purpose=t(
                "Waar buren elkaar kennen, voelt een straat veiliger.",
                "Where neighbours know each other a street feels safer.",
            ),
            use=t(
                "Waar het er weinig zijn, beginnen wij bij de voordeur en niet met camera's.",
                "Where there are few we begin at the door and not with cameras.",
            ),
            owner_role=COORDINATOR,
            options=(
                OptionPlan("many", t("Bij de meeste", "At most of them"), counts_as="knows"),
                OptionPlan("few", t("Bij een paar", "At a few"), counts_as="knows"),
                choice("none", "Bij niemand", "At none"),
            ),
        ),
        QuestionPlan(
            key="help",
            type="one_choice",
            text=t(
                "Zou u een avond mee willen lopen door de buurt?",
                "Would you walk through the neighbourhood with us one evening?",
            ),
            hint=t(
                "Met de wijkmanager en een paar buren, een uur lang.",
                "With your neighbourhood manager and a few neighbours, for an hour.",
            ),
            purpose=t("Wij zien het graag door uw ogen.", "We would like to see it through your eyes."),
            use=t(
                "Zijn er vijf mensen, dan lopen wij binnen een maand.",
                "With five people we walk within a month.",
            ),
            owner_role=MANAGER,
            theme="safety",
            options=(
                OptionPlan("yes", t("Ja", "Yes"), counts_as="joins"),
                choice("perhaps", "Misschien", "Perhaps"),
                choice("no", "Nee", "No"),
            ),
        ),
    ),
)

WHERE = LayerPlan(
    title=t("Waar en wanneer", "Where and when"),
    theme="safety",
    condition={
        "any": [
            {"more_than": {"question": "evening", "option": "calm"}},
            {"is": {"question": "cause", "option": "dark"}},
        ]
    },
    questions=(
        QuestionPlan(
            key="spot",
            type="short_text",
            text=t("Welke plek kan beter?", "Which place could be better?"),
            hint=t(
                "Noem de straat of de hoek. Liever geen namen van mensen.",
                "Name the street or the corner. Better no names of people.",
            ),
            purpose=t("Een lantaarn helpt alleen op de goede plek.", "A lamp helps in the right place only."),
            use=t(
                "De wijkmanager gaat er 's avonds kijken, met een monteur.",
                "Your neighbourhood manager goes and looks in the evening, with a fitter.",
            ),
            owner_role=MANAGER,
            asks_needs=True,
            theme="safety",
        ),
        QuestionPlan(
            key="when",
            type="several_choices",
            text=t("Wanneer is het daar minder prettig?", "When is it less pleasant there?"),
            purpose=t("Dan weten wij wanneer wij moeten kijken.", "Then we know when to look."),
            use=t(
                "De handhavers maken hun rooster met dit antwoord.",
                "The wardens make their roster with this answer.",
            ),
            owner_role=SAFETY_LEAD,
            theme="safety",
            options=(
                choice("day", "Overdag", "In the daytime"),
                choice("evening", "'s Avonds", "In the evening"),
                choice("night", "'s Nachts", "At night"),
                choice("weekend", "In het weekend", "At the weekend"),
                choice("dont_know", "Weet ik niet", "I don't know", dont_know=True),
            ),
        ),
    ),
)

TOGETHER = LayerPlan(
    title=t("Wat buren zelf doen", "What neighbours do themselves"),
    theme="safety",
    condition={"not": {"is": {"question": "help", "option": "no"}}},
    questions=(
        QuestionPlan(
            key="what",
            type="several_choices",
            text=t("Waar zou u aan mee willen doen?", "What would you join in?"),
            purpose=t("Er zijn dingen die alleen buren kunnen.", "Some things only neighbours can do."),
            use=t(
                "Wij brengen mensen bij elkaar die hetzelfde kozen.",
                "We bring people together who chose the same.",
            ),
            owner_role=COORDINATOR,
            theme="safety",
            options=(
                choice("walk", "Een rondje lopen met buren", "A round with neighbours"),
                choice("app", "Een groep op de telefoon", "A group on the phone"),
                choice("sweep", "Samen opruimen", "Tidying up together"),
                choice("party", "Iets gezelligs in de straat", "Something sociable in the street"),
            ),
        ),
    ),
)

PLAN = Plan(
    slug="safety",
    name=t("Veiligheid", "Safety"),
    about=t(
        "Hoe voelt het buiten, waar en wanneer, en wat helpt. Zonder te vragen wie wat deed.",
        "How it feels outdoors, where and when, and what helps. Without asking who did what.",
    ),
    title=t("Hoe prettig is {place} na donker?", "How pleasant is {place} after dark?"),
    lead=FOUR_SHORT,
    who_asks=t(
        "De gemeente, samen met de wijkagent.", "The municipality, together with the local police officer."
    ),
    why=t(
        "Wij verdelen licht, handhavers en geld over de buurten. U weet waar het nodig is.",
        "We divide light, wardens and money over the neighbourhoods. You know where it is needed.",
    ),
    promise=t(
        "U hoort welke plekken wij aanpakken, wanneer, en wat niet kan.",
        "You hear which places we take on, when, and what can't be done.",
    ),
    influence="consult",
    influence_text=t(
        "Wij leggen uw antwoorden naast de cijfers. De burgemeester beslist.",
        "We lay your answers beside the figures. The mayor decides.",
    ),
    owner_role=SAFETY_LEAD,
    card={
        "money": t(
            "€ 300 voor iets gezelligs in de straat. Lantaarns betalen wij apart.",
            "€ 300 for something sociable in the street. Lamps we pay for separately.",
        ),
        "time": t("Eén avond. Daarna zo vaak u wilt.", "One evening. After that as often as you like."),
        "influence": t(
            "U kiest waar wij gaan kijken. Wat er daarna komt, beslist de gemeente.",
            "You choose where we look. The municipality decides what comes after.",
        ),
        "contact": t(
            "Uw wijkmanager. U wordt binnen 2 dagen gebeld of gemaild.",
            "Your neighbourhood manager, within 2 days.",
        ),
        "too_few": t(
            "Dan loopt de wijkmanager alleen. U leest wat er opviel.",
            "Then the neighbourhood manager walks alone. You read what was seen.",
        ),
    },
    layers=(FIRST, OWN, WHERE, TOGETHER),
)
