"""Green: shade, water and plants in the street, and who would look after them."""

from surveys.library.first_sounding import OWN
from surveys.library.plan import (
    DONT_KNOW,
    FOUR_SHORT,
    GREEN_MANAGER,
    LayerPlan,
    OptionPlan,
    Plan,
    QuestionPlan,
    choice,
    t,
)

FIRST = LayerPlan(
    title=t("Iedereen", "Everybody"),
    questions=(
        QuestionPlan(
            key="now",
            type="scale",
            text=t("Hoe groen is het bij u op straat?", "How green is your street?"),
            purpose=t(
                "Op de kaart zien wij bomen. Hoe het voelt, weet u.",
                "On the map we see trees. How it feels, you know.",
            ),
            use=t(
                "Straten die steen heten, komen vooraan op de lijst.",
                "Streets that people call stone go to the top of the list.",
            ),
            owner_role=GREEN_MANAGER,
            theme="green",
            options=(
                choice("green", "Groen genoeg", "Green enough"),
                choice("some", "Het kan groener", "It could be greener"),
                choice("stone", "Vooral steen", "Mostly stone"),
            ),
        ),
        QuestionPlan(
            key="what",
            type="one_choice",
            text=t("Wat moet er in {place} als eerste komen?", "What should come first in {place}?"),
            purpose=t(
                "Het plantseizoen begint in november. Dan moet de keuze gemaakt zijn.",
                "Planting begins in November. By then the choice must be made.",
            ),
            use=t(
                "Met het meest genoemde beginnen wij dit najaar.",
                "We begin this autumn with what is named most.",
            ),
            owner_role=GREEN_MANAGER,
            asks_needs=True,
            theme="green",
            options=(
                choice("trees", "Bomen langs de straat", "Trees along the street", "green"),
                choice("shade", "Schaduw waar kinderen spelen", "Shade where children play", "green"),
                choice("fronts", "Groene gevels en voortuinen", "Green fronts and front gardens", "green"),
                choice("garden", "Een tuin van de buurt", "A garden of the neighbourhood", "green"),
                choice("water", "Minder plassen na een bui", "Fewer puddles after rain", "green"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="give",
            type="one_choice",
            text=t("Mag er voor een boom een parkeerplaats weg?", "May a parking place go for a tree?"),
            purpose=t(
                "In smalle straten past het niet allebei.", "In narrow streets there is no room for both."
            ),
            use=t(
                "In straten waar een meerderheid ja zegt, maken wij een ontwerp zonder die plaats.",
                "In streets where most say yes we make a design without that place.",
            ),
            owner_role=GREEN_MANAGER,
            theme="green",
            options=(
                choice("yes", "Ja", "Yes"),
                choice("near", "Ja, als er dichtbij een andere is", "Yes, if there is another one nearby"),
                choice("no", "Nee", "No"),
            ),
        ),
        QuestionPlan(
            key="care",
            type="one_choice",
            text=t("Zou u een stukje groen willen verzorgen?", "Would you look after a bit of green?"),
            purpose=t("Groen blijft als iemand ervoor zorgt.", "Green stays when somebody cares for it."),
            use=t(
                "Waar buren meedoen, planten wij bijzondere soorten. Elders kiezen wij wat vanzelf gaat.",
                "Where neighbours join in we plant special kinds. Elsewhere what grows by itself.",
            ),
            owner_role=GREEN_MANAGER,
            theme="green",
            options=(
                OptionPlan("yes", t("Ja", "Yes"), counts_as="joins"),
                OptionPlan(
                    "together", t("Ja, samen met anderen", "Yes, together with others"), counts_as="joins"
                ),
                choice("no", "Nee", "No"),
            ),
        ),
    ),
)

HEAT = LayerPlan(
    title=t("Hitte en water", "Heat and water"),
    theme="green",
    condition={"more_than": {"question": "now", "option": "green"}},
    questions=(
        QuestionPlan(
            key="hot",
            type="scale",
            text=t("Hoe warm is het in de zomer bij u op straat?", "How hot is your street in summer?"),
            purpose=t("Bomen zetten wij waar het het heetst is.", "We plant trees where it is hottest."),
            use=t(
                "Dit bepaalt mee welke straat eerst aan de beurt is.",
                "It helps to decide which street comes first.",
            ),
            owner_role=GREEN_MANAGER,
            theme="green",
            skip="dont_know",
            options=(
                choice("fine", "Prima", "Fine"),
                choice("warm", "Warm", "Warm"),
                choice("too_hot", "Te heet om buiten te zijn", "Too hot to be outside"),
                DONT_KNOW,
            ),
        ),
        QuestionPlan(
            key="puddle",
            type="short_text",
            text=t("Waar blijft het water staan na een bui?", "Where does water stay after a shower?"),
            hint=t("Noem de straat of de hoek.", "Name the street or the corner."),
            purpose=t(
                "Een perk kan water bergen, als het op de goede plek ligt.",
                "A flower bed can hold water, if it lies in the right place.",
            ),
            use=t(
                "De beheerder gaat op de drie meest genoemde plekken kijken.",
                "The manager goes and looks at the three places named most.",
            ),
            owner_role=GREEN_MANAGER,
            asks_needs=True,
            theme="green",
        ),
    ),
)

HANDS = LayerPlan(
    title=t("Zelf aan de slag", "Doing it yourself"),
    theme="green",
    condition={"not": {"is": {"question": "care", "option": "no"}}},
    questions=(
        QuestionPlan(
            key="which",
            type="several_choices",
            text=t("Wat zou u willen doen?", "What would you like to do?"),
            purpose=t("Iedereen kan iets anders.", "Everybody can do something else."),
            use=t(
                "Wij brengen planten en gereedschap waar drie buren hetzelfde kiezen.",
                "We bring plants and tools where three neighbours choose the same.",
            ),
            owner_role=GREEN_MANAGER,
            theme="green",
            options=(
                choice("tree", "Een boomspiegel beplanten", "Planting the patch around a tree"),
                choice("front", "Een geveltuin", "A garden along the front"),
                choice("water", "Water geven in droge weken", "Watering in dry weeks"),
                choice("plot", "Groente telen met buren", "Growing vegetables with neighbours"),
            ),
        ),
        QuestionPlan(
            key="stops",
            type="short_text",
            text=t("Wat houdt u nog tegen?", "What still stops you?"),
            hint=t("Een paar woorden is genoeg.", "A few words will do."),
            purpose=t("Misschien kunnen wij dat wegnemen.", "Perhaps we can take it away."),
            use=t(
                "De beheerder schrijft op wat wij eraan kunnen doen.",
                "The manager writes down what we can do about it.",
            ),
            owner_role=GREEN_MANAGER,
            theme="green",
        ),
    ),
)

PLAN = Plan(
    slug="green",
    name=t("Groen", "Green"),
    about=t(
        "Schaduw, bomen en water in de straat: wat komt eerst, wat mag ervoor weg, en wie verzorgt het.",
        "Shade, trees and water in the street: what comes first, what may go for it, and who looks after it.",
    ),
    title=t("Hoe groen wordt {place}?", "How green will {place} be?"),
    lead=FOUR_SHORT,
    who_asks=t("De gemeente, samen met bewoners.", "The municipality, together with residents."),
    why=t(
        "Dit najaar planten wij in uw buurt. Wij willen weten waar het het meest nodig is.",
        "This autumn we plant in your neighbourhood. We want to know where it is needed most.",
    ),
    promise=t(
        "U hoort welke straten aan de beurt zijn, wat er komt, en waarom de andere wachten.",
        "You hear which streets have their turn, what comes, and why the others wait.",
    ),
    influence="coproduce",
    influence_text=t(
        "U kiest mee wat er in uw straat komt. Over leidingen en brandweer beslist de gemeente.",
        "You help choose what comes in your street. The municipality decides on pipes and the fire brigade.",
    ),
    owner_role=GREEN_MANAGER,
    card={
        "money": t(
            "€ 250 per straat voor planten. Gereedschap leent u van ons.",
            "€ 250 a street for plants. Tools you borrow from us.",
        ),
        "time": t(
            "Een ochtend planten, dan een uur per maand. Stoppen mag altijd.",
            "One morning of planting, then an hour a month. You can stop any time.",
        ),
        "influence": t(
            "U kiest de planten. De gemeente kiest de bomen.",
            "You choose the plants. The municipality chooses the trees.",
        ),
        "contact": t(
            "De beheerder groen. U wordt binnen een week gebeld of gemaild.",
            "The manager of green spaces, within a week.",
        ),
        "too_few": t(
            "Dan planten wij iets wat geen zorg vraagt, en dat hoort u.",
            "Then we plant what needs no care, and you hear so.",
        ),
    },
    layers=(FIRST, OWN, HEAT, HANDS),
)
