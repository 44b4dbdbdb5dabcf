"""Example surveys to begin with. Adding one is adding a module with a PLAN."""

from surveys.library import (
    first_sounding,
    green,
    meeting,
    play,
    reaction,
    safety,
    square,
    street_idea,
    traffic,
    village_hall,
    youth,
)
from surveys.library.plan import Plan

LIBRARY: dict[str, Plan] = {
    module.PLAN.slug: module.PLAN
    for module in (
        first_sounding,
        play,
        youth,
        green,
        safety,
        meeting,
        traffic,
        village_hall,
        street_idea,
        square,
        reaction,
    )
}
