"""The resources of Waterdam and the ages of its residents, which the advice needs."""

from neighbourhoods.imports.columns import dictionary
from neighbourhoods.models import Area, AreaResources, Figure, Indicator, Source

YEAR = 2024
# Residents aged 15–24, 25–44, 45–64, and 65 and older.
AGES: dict[str, tuple[int, int, int, int]] = {
    "Oosterhaven": (230, 490, 430, 505),
    "Westpolder": (210, 520, 400, 190),
}
INDICATORS = ("age_15_24", "age_25_44", "age_45_64", "age_65_up")


def make_means(areas: dict[str, Area]) -> None:
    """Oosterhaven has a mandate and a small budget; the hours are not known yet."""
    AreaResources.objects.create(
        area=areas["Oosterhaven"], mandate=True, mandate_of="wethouder wonen", budget=2_500
    )
    source, _made = Source.objects.get_or_create(
        name="CBS", defaults={"publisher": "Centraal Bureau voor de Statistiek", "licence": "CC BY 4.0"}
    )
    for place, slug in enumerate(INDICATORS):
        known = dictionary()[slug]
        indicator, _made = Indicator.objects.get_or_create(
            slug=slug,
            defaults={
                "name": dict(known.name), "explanation": dict(known.explanation), "unit": known.unit,
                "sentence": dict(known.sentence),
                "nature": known.nature, "decimals": known.decimals, "order": known.order,
            },
        )  # fmt: skip
        Figure.objects.bulk_create(
            Figure(area=areas[name], indicator=indicator, year=YEAR, value=ages[place], source=source)
            for name, ages in AGES.items()
        )
