"""The inventory of Waterdam: figures, parties, places and key persons. Fictional."""

from datetime import timedelta

from django.utils import timezone

from initiatives.models import Initiative
from neighbourhoods.imports.columns import dictionary
from neighbourhoods.models import Area, Figure, Indicator, KeyPerson, Party, Place, Source
from neighbourhoods.states import Gap, KeyPersonKind, PartyKind, PlaceKind

YEARS = (2020, 2022, 2024)
SOURCES = {
    "cbs": ("CBS", "Centraal Bureau voor de Statistiek", "CC BY 4.0"),
    "rivm": ("RIVM", "RIVM, GGD’en en CBS", "open data, met bronvermelding"),
}
# indicator -> source, and a figure per area: one for the last year, or one for each of YEARS. None: withheld.
FIGURES: dict[str, tuple[str, dict[str, float | tuple[float, ...] | None]]] = {
    "residents": ("cbs", {
        "Havenkom": (690, 705, 720), "Sluisbuurt": (525, 530, 540), "De Linde": (640, 660, 680),
        "Molenhoek": (900, 880, 860), "Veldzicht": (90, 90, 85), "Kadekwartier": (560, 600, 645),
        "Oosterhaven": (1855, 1895, 1940), "Westpolder": (1550, 1570, 1590),
    }),
    "share_65_up": ("cbs", {
        "Havenkom": (24, 25, 27), "Sluisbuurt": (23, 24, 24), "De Linde": (25, 26, 27),
        "Molenhoek": (12, 12, 13), "Veldzicht": (31, 33, 36), "Kadekwartier": (9, 9, 8),
        "Oosterhaven": (24, 25, 26), "Westpolder": (12, 12, 12), "Waterdam": (18, 19, 19),
    }),
    "share_low_income": ("cbs", {
        "Havenkom": 14.2, "Sluisbuurt": 9.8, "De Linde": 15.1, "Molenhoek": 5.3, "Veldzicht": None,
        "Kadekwartier": 7.9, "Oosterhaven": 13.3,
    }),
    "hard_to_make_ends_meet": ("rivm", {
        "Havenkom": 33, "Sluisbuurt": 26, "De Linde": 33, "Molenhoek": 15, "Veldzicht": None, "Kadekwartier": 17,
        "Oosterhaven": 31, "Westpolder": 16, "Waterdam": 24,
    }),
    "severely_lonely": ("rivm", {
        "Havenkom": 17, "Sluisbuurt": 14, "De Linde": 16, "Molenhoek": 8, "Veldzicht": None, "Kadekwartier": 9,
        "Oosterhaven": 16, "Westpolder": 8, "Waterdam": 12,
    }),
    "volunteering": ("rivm", {
        "Havenkom": 18, "Sluisbuurt": 21, "De Linde": 18, "Molenhoek": 34, "Veldzicht": 29, "Kadekwartier": 30,
        "Oosterhaven": 19, "Westpolder": 32, "Waterdam": 26,
    }),
}  # fmt: skip

# name, kind, areas, what it does there, days since it was checked
PARTIES = (
    ("Bewonersgroep De Kade", PartyKind.RESIDENTS, ("Oosterhaven",), "Komt elke maand samen in het Sluishuis.", 5),
    ("Welzijn Waterdam", PartyKind.ORGANISATION, ("Waterdam",), "Opbouwwerk, jongerenwerk en het Sluishuis.", 5),
    ("Woningstichting De Sluis", PartyKind.ORGANISATION, ("Oosterhaven",), "Verhuurt 640 huizen.", 40),
    ("Wijkteam Oost", PartyKind.MUNICIPALITY, ("Oosterhaven",), "Zorg, schulden en opvoeding, met een inloop.", 12),
    ("Bakkerij aan de Sluisweg", PartyKind.ENTREPRENEUR, ("Sluisbuurt",), "Geeft brood aan de buurtmaaltijd.", 20),
    ("Sportvereniging Molenhoek", PartyKind.ORGANISATION, ("Molenhoek",), "Voetbal, wandelgroep en een kantine.", 400),
)  # fmt: skip

# name, kind, area, party, when it is free, what it is good for, days since it was checked
PLACES = (
    (
        "Het Sluishuis",
        PlaceKind.MEETING,
        "Havenkom",
        "Welzijn Waterdam",
        "vrij op maandag en donderdag",
        "Keuken, zaal voor veertig mensen, drempelvrij.",
        5,
    ),
    ("School De Linde", PlaceKind.SCHOOL, "De Linde", "", "aula na vier uur", "Aula en plein.", 12),
    ("Moestuin De Kade", PlaceKind.GREEN, "Sluisbuurt", "Bewonersgroep De Kade", "woensdagmiddag", "", 5),
    ("Kantine Molenhoek", PlaceKind.SPORT, "Molenhoek", "Sportvereniging Molenhoek", "", "", 400),
)

# role, where they know people from, area, days since they were last spoken to
KEY_PERSONS = (
    ("een huisarts", KeyPersonKind.CARE, "Havenkom", 30),
    ("een portier van de Havenflat", KeyPersonKind.HOUSING, "Havenkom", 21),
    ("een kapper", KeyPersonKind.SHOP, "Sluisbuurt", 14),
    ("een sportleider", KeyPersonKind.ASSOCIATION, "De Linde", 5),
    ("de directeur van de school", KeyPersonKind.SCHOOL, "De Linde", None),
    ("de trainer van de jeugd", KeyPersonKind.ASSOCIATION, "Molenhoek", 60),
)


def make_inventory(areas: dict[str, Area]) -> None:
    make_figures(areas)
    make_parties_and_places(areas)
    today = timezone.localdate()
    for role, kind, area, days in KEY_PERSONS:
        spoken = today - timedelta(days=days) if days else None
        KeyPerson.objects.create(area=areas[area], role=role, kind=kind, spoken_on=spoken)


def make_figures(areas: dict[str, Area]) -> None:
    sources = {
        key: Source.objects.get_or_create(name=name, defaults={"publisher": publisher, "licence": licence})[0]
        for key, (name, publisher, licence) in SOURCES.items()
    }
    for slug, (source, per_area) in FIGURES.items():
        known = dictionary()[slug]
        indicator, _made = Indicator.objects.get_or_create(
            slug=slug,
            defaults={
                "name": dict(known.name), "explanation": dict(known.explanation), "unit": known.unit,
                "sentence": dict(known.sentence),
                "nature": known.nature, "decimals": known.decimals, "order": known.order, "is_key": True,
            },
        )  # fmt: skip
        Figure.objects.bulk_create(
            Figure(
                area=areas[name], indicator=indicator, year=year, value=value,
                gap="" if value is not None else Gap.SECRET, source=sources[source],
            )
            for name, figures in per_area.items()
            for year, value in (
                zip(YEARS, figures, strict=True) if isinstance(figures, tuple) else [(YEARS[-1], figures)]
            )
        )  # fmt: skip


def make_parties_and_places(areas: dict[str, Area]) -> None:
    today = timezone.localdate()
    parties = {}
    for name, kind, where, about, days in PARTIES:
        party = Party.objects.create(
            name=name, kind=kind, about=about, checked_on=today - timedelta(days=days)
        )
        party.areas.set([areas[area] for area in where])
        parties[name] = party
    for name, kind, area, whose, free, about, days in PLACES:
        Place.objects.create(
            name=name, kind=kind, area=areas[area], party=parties.get(whose), free=free, about=about,
            checked_on=today - timedelta(days=days),
        )  # fmt: skip
    Initiative.objects.filter(theme__slug="meeting").update(party=parties["Welzijn Waterdam"])
    Initiative.objects.filter(theme__slug="green").update(party=parties["Bewonersgroep De Kade"])
    Initiative.objects.update(checked_on=today - timedelta(days=5))
