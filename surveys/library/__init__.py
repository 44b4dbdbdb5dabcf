"""Example surveys to begin with. Adding one is adding a module with a PLAN."""

from surveys.library import first_sounding, meeting
from surveys.library.plan import Plan

LIBRARY: dict[str, Plan] = {plan.slug: plan for plan in (first_sounding.PLAN, meeting.PLAN)}
