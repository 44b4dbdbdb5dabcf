"""An area that is known well enough to be advised about."""

from accounts.models import User
from initiatives.models import Initiative
from neighbourhoods.advice.services import AGE_INDICATORS, set_resources
from neighbourhoods.models import Area, Figure, Indicator, Source
from neighbourhoods.states import Nature
from tests.people import make_area, make_theme
from tests.surveys.counted import make_counted

ADULTS = {"15-24": 300, "25-44": 600, "45-64": 500, "65+": 400}


def make_figure(area: Area, slug: str, value: float | None, *, year: int = 2024) -> Figure:
    """A figure of the indicator with this slug; without a value it is kept secret."""
    indicator, _made = Indicator.objects.get_or_create(
        slug=slug, defaults={"name": {"en": slug}, "nature": Nature.ESTIMATE}
    )
    source, _made = Source.objects.get_or_create(name="RIVM")
    gap = {} if value is not None else {"gap": "secret"}
    return Figure.objects.create(area=area, indicator=indicator, year=year, value=value, source=source, **gap)


def make_picture(area: Area, editor: User) -> Area:
    """Hard lives, some who want to join in, three initiatives, everybody reached: build up."""
    make_figure(area, "residents", 1940)
    make_figure(area, "hard_to_make_ends_meet", 31)
    for share in (20, 22, 24):
        make_figure(make_area(parent=area.parent), "hard_to_make_ends_meet", share)
    for band, n in ADULTS.items():
        make_figure(area, AGE_INDICATORS[band], n)
    make_counted(area=area, owner=editor, asked=214, joins=24, ages=dict.fromkeys(ADULTS, 50))
    green = make_theme("green")
    for _number in range(3):
        Initiative.objects.create(name={"nl": "Tuin", "en": "Garden"}, theme=green, area=area)
    set_resources(area=area, mandate=True, mandate_of="alderman", budget=2500, hours=None, by=editor)
    return area
