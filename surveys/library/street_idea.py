"""A street idea: a neighbour has a plan for the street. Do the others want it, and who helps?"""

from surveys.library.first_sounding import OWN
from surveys.library.plan import COORDINATOR, DONT_KNOW, LayerPlan, OptionPlan, Plan, QuestionPlan, choice, t

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="want",
            type="one_choice",
            text=t("Wilt u dit idee in uw straat?", "Do you want this idea in your street?"),
            hint=t(
                "Schrijf hier in één zin wat het idee is.", "Write here in one sentence what the idea is."
            ),
            purpose=t(
                "Het is een idee van een buur. Het gaat alleen door als de straat het wil.",
                "It is a neighbour's idea. It goes ahead only if the street wants it.",
            ),
            use=t(
                "Wil meer dan de helft het, dan gaat het door. Anders hoort u dat ook.",
                "If more than half want it, it goes ahead. If not, you hear that too.",
            ),
            owner_role=COORDINATOR,
            options=(
                choice("yes", "Ja", "Yes"),
                choice("if", "Ja, als er iets verandert", "Yes, if something changes"),
                choice("no", "Nee", "No"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="when",
            type="one_choice",
            text=t("Wanneer past het u het best?", "When would suit you best?"),
            purpose=t(
                "Op een dag dat niemand kan, wordt het niets.",
                "On a day when nobody can it comes to nothing.",
            ),
            use=t("De dag die het meest past, wordt het.", "The day that suits most people it will be."),
            owner_role=COORDINATOR,
            options=(
                choice("weekday", "Op een doordeweekse avond", "On a weekday evening"),
                choice("saturday", "Op zaterdag", "On Saturday"),
                choice("sunday", "Op zondag", "On Sunday"),
                choice("same", "Het maakt mij niet uit", "It is all the same to me"),
            ),
        ),
        QuestionPlan(
            key="help",
            type="one_choice",
            text=t("Helpt u mee?", "Will you help?"),
            purpose=t(
                "De buur met het idee kan het niet alleen.", "The neighbour with the idea can't do it alone."
            ),
            use=t(
                "Bij vier paar handen vragen wij de vergunning aan.",
                "With four pairs of hands we apply for the permit.",
            ),
            owner_role=COORDINATOR,
            options=(
                OptionPlan("yes", t("Ja, een uur of twee", "Yes, an hour or two"), counts_as="joins"),
                OptionPlan("lend", t("Ik leen iets uit", "I lend something"), counts_as="joins"),
                choice("no", "Nee, ik kom alleen kijken", "No, I just come and look"),
                choice("not", "Nee", "No"),
            ),
        ),
    ),
)

CHANGE = LayerPlan(
    title=t("Wat moet er anders?", "What should be different?"),
    condition={
        "any": [
            {"is": {"question": "want", "option": "if"}},
            {"is": {"question": "want", "option": "no"}},
        ]
    },
    questions=(
        QuestionPlan(
            key="what",
            type="short_text",
            text=t("Wat zou u eraan veranderen?", "What would you change about it?"),
            hint=t("Een paar woorden is genoeg. Liever geen namen.", "A few words will do. Better no names."),
            purpose=t(
                "Met een kleine verandering wil misschien iedereen het.",
                "With a small change perhaps everybody wants it.",
            ),
            use=t(
                "De coördinator legt het voor aan de buur met het idee.",
                "The coordinator puts it to the neighbour with the idea.",
            ),
            owner_role=COORDINATOR,
            asks_needs=True,
        ),
    ),
)

LEND = LayerPlan(
    title=t("Wat is er in de straat?", "What is there in the street?"),
    condition={"not": {"is": {"question": "help", "option": "not"}}},
    questions=(
        QuestionPlan(
            key="things",
            type="several_choices",
            text=t("Wat kunt u meebrengen?", "What can you bring?"),
            purpose=t("Wat er al is, hoeven wij niet te huren.", "What is there we need not rent."),
            use=t(
                "De coördinator weet dan wat er nog ontbreekt.",
                "The coordinator then knows what is still missing.",
            ),
            owner_role=COORDINATOR,
            options=(
                choice("tables", "Tafels of stoelen", "Tables or chairs"),
                choice("food", "Iets te eten", "Something to eat"),
                choice("music", "Muziek", "Music"),
                choice("tools", "Gereedschap", "Tools"),
                choice("power", "Stroom of water", "Electricity or water"),
            ),
        ),
    ),
)

PLAN = Plan(
    slug="street-idea",
    name=t("Idee van de straat", "Street idea"),
    about=t(
        "Een buur heeft een plan: een feest, een bank, een speelstraat. Wil de straat het, en wie helpt.",
        "A neighbour has a plan: a party, a bench, a play street. Does the street want it, and who helps.",
    ),
    title=t("Een idee voor uw straat in {place}", "An idea for your street in {place}"),
    lead=t("Drie korte vragen. Overslaan mag altijd.", "Three short questions. You can always skip."),
    who_asks=t(
        "Een buur uit uw straat, met hulp van de gemeente.",
        "A neighbour from your street, with help from the municipality.",
    ),
    why=t(
        "De gemeente geeft geld aan ideeën van bewoners, als de straat erachter staat.",
        "The municipality gives money to ideas of residents, if the street supports them.",
    ),
    promise=t(
        "U hoort of het doorgaat, op welke dag, en waarom wel of niet.",
        "You hear whether it goes ahead, on which day, and why or why not.",
    ),
    influence="decide",
    influence_text=t(
        "De straat beslist. De gemeente kijkt alleen of het veilig kan.",
        "The street decides. The municipality only looks whether it is safe.",
    ),
    owner_role=COORDINATOR,
    card={
        "money": t(
            "€ 400 voor het hele idee. De vergunning is gratis.",
            "€ 400 for the whole idea. The permit is free.",
        ),
        "time": t("Eén dag, en een avond om voor te bereiden.", "One day, and one evening to prepare."),
        "influence": t(
            "U beslist met de straat. De gemeente let op de veiligheid.",
            "You decide with the street. The municipality minds the safety.",
        ),
        "contact": t(
            "De coördinator van het wijkteam. U wordt binnen 2 dagen gebeld of gemaild.",
            "The coordinator of the neighbourhood team, within 2 days.",
        ),
        "too_few": t(
            "Dan gaat het niet door. Dat hoort u een week van tevoren.",
            "Then it does not go ahead. You hear so a week before.",
        ),
    },
    layers=(FIRST, OWN, CHANGE, LEND),
)
