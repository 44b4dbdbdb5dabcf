"""Play and youth: where children play, where young people hang out, and what is missing for either."""

from surveys.library.first_sounding import OWN
from surveys.library.plan import (
    COORDINATOR,
    DONT_KNOW,
    FOUR_SHORT,
    GREEN_MANAGER,
    MANAGER,
    LayerPlan,
    OptionPlan,
    Plan,
    QuestionPlan,
    choice,
    t,
)

YOUTH_WORKER = t("De jongerenwerker", "The youth worker")

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="whom",
            type="one_choice",
            text=t("Voor wie wilt u dat er meer te doen komt?", "For whom would you like more to do?"),
            purpose=t(
                "Wij kunnen niet voor iedereen tegelijk beginnen.", "We can't begin for everybody at once."
            ),
            use=t(
                "Voor de groep die het meest genoemd wordt, maken wij als eerste een plan.",
                "For the group that is named most we make a plan first.",
            ),
            owner_role=MANAGER,
            asks_needs=True,
            theme="youth",
            options=(
                choice("small", "Kinderen tot 6 jaar", "Children under 6", "youth"),
                choice("school", "Kinderen van 6 tot 12", "Children of 6 to 11", "youth"),
                choice("teens", "Jongeren van 12 tot 18", "Young people of 12 to 17", "youth"),
                choice("enough", "Er is genoeg te doen", "There is enough to do"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="place",
            type="scale",
            text=t("Hoe zijn de speelplekken bij u in de buurt?", "How are the places to play near you?"),
            purpose=t("Een kapotte schommel ziet u eerder dan wij.", "You see a broken swing before we do."),
            use=t(
                "Plekken die slecht uitkomen, bekijkt de beheerder nog dit seizoen.",
                "The manager looks at places that come out badly within this season.",
            ),
            owner_role=GREEN_MANAGER,
            theme="youth",
            skip="dont_know",
            options=(
                choice("good", "Goed", "Good"),
                choice("so_so", "Gaat wel", "So-so"),
                choice("bad", "Slecht", "Bad"),
                choice("none", "Er zijn er geen", "There are none"),
            ),
        ),
        QuestionPlan(
            key="outside",
            type="one_choice",
            text=t(
                "Wat houdt kinderen hier het meest binnen?", "What keeps children indoors most around here?"
            ),
            purpose=t(
                "Een speeltuin helpt niet als de weg ernaartoe gevaarlijk is.",
                "A playground does not help if the way to it is dangerous.",
            ),
            use=t(
                "Wij weten dan of wij met een plek beginnen, met de straat of met begeleiding.",
                "Then we know whether to begin with a place, the street or somebody who is there.",
            ),
            owner_role=MANAGER,
            theme="youth",
            skip="dont_know",
            options=(
                choice("cars", "Het verkeer", "The traffic", "traffic"),
                choice("nothing", "Er is niets te doen", "There is nothing to do", "youth"),
                choice("others", "Andere kinderen of jongeren", "Other children or young people", "youth"),
                choice("dirt", "Rommel of hondenpoep", "Litter or dog dirt", "green"),
                choice("home", "Ze zijn liever binnen", "They would rather be indoors"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="hand",
            type="one_choice",
            text=t("Zou u af en toe willen meehelpen?", "Would you lend a hand now and then?"),
            hint=t("Een spel, een toernooi, een sleutel beheren.", "A game, a tournament, keeping a key."),
            purpose=t(
                "Waar een buur bij is, durven meer kinderen te komen.",
                "Where a neighbour is around, more children dare to come.",
            ),
            use=t(
                "Wij tellen alleen hoeveel mensen willen. Uw naam hoeft u niet te geven.",
                "We only count how many people would. We don't need your name now.",
            ),
            owner_role=COORDINATOR,
            theme="youth",
            options=(
                OptionPlan("yes", t("Ja, graag", "Yes, gladly"), counts_as="joins"),
                choice("perhaps", "Misschien", "Perhaps"),
                choice("no", "Nee, nu niet", "No, not now"),
            ),
        ),
    ),
)

PLAY = LayerPlan(
    title=t("Spelen", "Playing"),
    theme="youth",
    condition={
        "any": [
            {"is": {"question": "whom", "option": "small"}},
            {"is": {"question": "whom", "option": "school"}},
            {"more_than": {"question": "place", "option": "good"}},
        ]
    },
    questions=(
        QuestionPlan(
            key="miss",
            type="several_choices",
            text=t("Wat missen kinderen hier buiten?", "What do children miss outdoors here?"),
            purpose=t("Wij kunnen dit jaar één plek opknappen.", "This year we can do up one place."),
            use=t(
                "De drie meest genoemde dingen komen in het ontwerp.",
                "The three things named most go into the design.",
            ),
            owner_role=GREEN_MANAGER,
            asks_needs=True,
            theme="youth",
            settings={"most": 3},
            options=(
                choice("climb", "Klimmen en schommelen", "Climbing and swinging", "youth"),
                choice("ball", "Een balveld", "A field for ball games", "youth"),
                choice("water", "Water en zand", "Water and sand", "youth"),
                choice("trees", "Bomen en bosjes om in te spelen", "Trees and bushes to play in", "green"),
                choice(
                    "bench", "Een bank voor wie erbij blijft", "A bench for who stays with them", "meeting"
                ),
            ),
        ),
        QuestionPlan(
            key="where",
            type="short_text",
            text=t("Welke plek kan beter?", "Which place could be better?"),
            hint=t("Noem de straat of het plein.", "Name the street or the square."),
            purpose=t("U komt er vaker dan wij.", "You are there more often than we are."),
            use=t(
                "De beheerder gaat kijken op de drie plekken die het meest genoemd worden.",
                "The manager goes and looks at the three places named most.",
            ),
            owner_role=GREEN_MANAGER,
            asks_needs=True,
            theme="youth",
        ),
    ),
)

TEENS = LayerPlan(
    title=t("Jongeren", "Young people"),
    theme="youth",
    condition={
        "any": [
            {"is": {"question": "whom", "option": "teens"}},
            {"is": {"question": "outside", "option": "others"}},
        ]
    },
    questions=(
        QuestionPlan(
            key="need",
            type="several_choices",
            text=t("Wat is er voor jongeren het eerst nodig?", "What do young people need first?"),
            purpose=t(
                "Een plek zonder begeleiding loopt vaak mis. Begeleiding zonder plek ook.",
                "A place without anybody around often goes wrong. So does the reverse.",
            ),
            use=t(
                "De jongerenwerker bespreekt de uitkomst eerst met jongeren zelf.",
                "The youth worker first discusses the result with young people themselves.",
            ),
            owner_role=YOUTH_WORKER,
            asks_needs=True,
            theme="youth",
            settings={"most": 2},
            options=(
                choice("roof", "Een overdekte plek buiten", "A sheltered place outdoors", "youth"),
                choice("sport", "Sporten zonder lidmaatschap", "Sports without a membership", "youth"),
                choice("work", "Huiswerk maken of een bijbaan zoeken", "Homework, or finding a job", "youth"),
                choice(
                    "somebody", "Iemand die er is en luistert", "Somebody who is there and listens", "youth"
                ),
            ),
        ),
        QuestionPlan(
            key="talk",
            type="yes_no",
            text=t(
                "Hebt u wel eens een praatje met jongeren op straat?",
                "Do you ever have a chat with young people in the street?",
            ),
            purpose=t(
                "Wie elkaar kent, belt minder snel de politie.",
                "People who know each other are slower to call the police.",
            ),
            use=t(
                "Het bepaalt of wij met een kennismaking beginnen.",
                "It decides whether we begin by getting to know each other.",
            ),
            owner_role=YOUTH_WORKER,
            theme="youth",
            options=(choice("yes", "Ja", "Yes"), choice("no", "Nee", "No")),
        ),
    ),
)

PLAN = Plan(
    slug="play",
    name=t("Spelen en jongeren", "Play and youth"),
    about=t(
        "Voor ouders en buren: wat missen kinderen en jongeren, wat houdt hen binnen, en wie helpt mee.",
        "For parents and neighbours: what children and young people miss, what keeps them in, and who helps.",
    ),
    title=t(
        "Wat kunnen kinderen en jongeren doen in {place}?",
        "What can children and young people do in {place}?",
    ),
    lead=FOUR_SHORT,
    who_asks=t(
        "De gemeente, samen met het jongerenwerk.", "The municipality, together with the youth workers."
    ),
    why=t(
        "Dit jaar is er geld voor één speelplek en voor begeleiding. Wij willen weten waar dat het meest helpt.",
        "This year there is money for one place to play and for somebody to be there. Where does it help most?",
    ),
    promise=t(
        "U hoort welke plek wij opknappen, wat er voor jongeren komt, en wat niet kan.",
        "You hear which place we do up, what comes for young people, and what can't be done.",
    ),
    influence="advise",
    influence_text=t(
        "U denkt mee. De gemeente beslist, en schrijft op waarom als zij anders kiest.",
        "You think along. The municipality decides, and writes down why if it chooses otherwise.",
    ),
    owner_role=MANAGER,
    card={
        "money": t(
            "€ 500 voor spel en materiaal. Meer is er dit jaar niet.",
            "€ 500 for games and materials. There is no more this year.",
        ),
        "time": t(
            "Eén middag per maand, zo lang u wilt. Stoppen mag altijd.",
            "One afternoon a month, as long as you like. You can stop any time.",
        ),
        "influence": t(
            "U beslist mee over wat er te doen is. Over de plek zelf beslist de gemeente.",
            "You help decide what there is to do. The municipality decides on the place itself.",
        ),
        "contact": t(
            "De jongerenwerker. U wordt binnen 3 dagen gebeld of gemaild.", "The youth worker, within 3 days."
        ),
        "too_few": t(
            "Dan hoort u dat, en doet het jongerenwerk het kleiner.",
            "You hear so, and the youth workers do it on a smaller scale.",
        ),
    },
    layers=(FIRST, OWN, PLAY, TEENS),
)
