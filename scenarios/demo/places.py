"""The places of the demo and what there is in them."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw
from shapely import Polygon, unary_union
from shapely.geometry import mapping

from initiatives.models import Initiative
from neighbourhoods.areas.services import recompute_outlines
from neighbourhoods.imports.columns import indicator_dictionary
from neighbourhoods.models import (
    Area,
    AreaResources,
    AreaVersion,
    Figure,
    Indicator,
    KeyPerson,
    Party,
    Place,
    Source,
    Theme,
)
from neighbourhoods.states import AreaKind, Gap, KeyPersonKind, PartyKind, PlaceKind

# Drawn pictures for the pages of initiatives, so that no photo of a person is needed.


PICTURE_WIDTH, PICTURE_HEIGHT = 1_200, 675
PAPER, CANAL, LAMP, BRICK, GREEN, INK = "#fbf1dd", "#0b5a58", "#f6c544", "#a2381d", "#5f8d4e", "#22302f"


def _as_png(draw: Callable[[ImageDraw.ImageDraw], None]) -> bytes:
    picture = Image.new("RGB", (PICTURE_WIDTH * 2, PICTURE_HEIGHT * 2), PAPER)
    draw(ImageDraw.Draw(picture))
    kept = io.BytesIO()
    picture.resize((PICTURE_WIDTH, PICTURE_HEIGHT), Image.Resampling.LANCZOS).save(kept, "PNG")
    return kept.getvalue()


def coffee() -> bytes:
    def draw(on: ImageDraw.ImageDraw) -> None:
        on.rectangle((0, 0, 2400, 1350), fill="#f4e3c1")
        for left in (180, 900, 1620):  # windows on the water
            on.rounded_rectangle((left, 120, left + 600, 640), 24, fill="#d3e6e4")
            on.rectangle((left, 470, left + 600, 600), fill="#7fb3b0")
            on.rounded_rectangle((left, 120, left + 600, 640), 24, outline="#fffaf0", width=22)
            on.line((left + 300, 130, left + 300, 630), fill="#fffaf0", width=18)
        for middle in (620, 1200, 1780):  # lamps
            on.line((middle, 0, middle, 300), fill=INK, width=8)
            on.pieslice((middle - 130, 220, middle + 130, 480), 180, 360, fill=CANAL)
            on.ellipse((middle - 44, 320, middle + 44, 400), fill=LAMP)
        on.rectangle((0, 900, 2400, 1350), fill="#b5793f")
        on.rectangle((0, 900, 2400, 940), fill="#c98d50")
        on.rounded_rectangle((1080, 620, 1330, 960), 40, fill=BRICK)  # the pot
        on.polygon(((1330, 720), (1440, 660), (1452, 692), (1330, 820)), fill=BRICK)
        on.arc((985, 690, 1180, 890), 90, 270, fill=BRICK, width=34)
        on.rounded_rectangle((1110, 580, 1300, 632), 20, fill="#7d2913")
        for left, hue in ((300, CANAL), (620, "#fffaf0"), (1560, LAMP), (1880, CANAL)):
            on.ellipse((left - 70, 1018, left + 250, 1086), fill="#fffaf0")
            on.arc((left + 118, 900, left + 236, 1010), 270, 90, fill=hue, width=24)
            on.rounded_rectangle((left, 880, left + 180, 1050), 46, fill=hue)
            on.ellipse((left, 862, left + 180, 904), fill="#5b3720")

    return _as_png(draw)


def garden() -> bytes:
    def draw(on: ImageDraw.ImageDraw) -> None:
        on.rectangle((0, 0, 2400, 700), fill="#fbe6b8")
        on.ellipse((1700, 180, 2020, 500), fill=LAMP)
        for number, left in enumerate(range(-60, 2400, 310)):  # houses
            top = 330 + 60 * (number % 3)
            on.rectangle((left, top, left + 290, 720), fill=("#a2381d", "#8c5a3a", "#b86a4a")[number % 3])
            on.polygon(((left - 14, top), (left + 145, top - 130), (left + 304, top)), fill="#4a3b37")
            for side in (50, 170):
                on.rectangle((left + side, top + 80, left + side + 70, top + 180), fill="#fbf1dd")
        on.rectangle((0, 700, 2400, 1350), fill="#8aa860")
        for row in range(4):  # beds
            top, shift = 780 + row * 145, row * 60
            on.polygon(
                (
                    (160 - shift, top + 100),
                    (220 - shift, top),
                    (1500 + shift, top),
                    (1560 + shift, top + 100),
                ),
                fill="#6b4a2f",
            )
            for left in range(300 - shift, 1460 + shift, 120):
                on.ellipse((left - 40, top - 40, left + 10, top + 50), fill=GREEN)
                on.ellipse((left - 5, top - 52, left + 45, top + 50), fill="#79a85f")
                if (left + row) % 3 == 0:
                    on.ellipse((left - 14, top - 66, left + 22, top - 30), fill=("#d95f3b", LAMP)[row % 2])
        on.rectangle((1760, 620, 2220, 1060), fill=CANAL)  # the shed
        on.polygon(((1710, 630), (1990, 450), (2270, 630)), fill="#07403f")
        on.rectangle((1920, 780, 2070, 1060), fill="#fbf1dd")
        on.rounded_rectangle((1560, 1110, 1740, 1230), 20, fill="#7e8b8a")  # a watering can
        on.line((1740, 1140, 1840, 1070), fill="#7e8b8a", width=26)
        on.arc((1590, 1040, 1710, 1180), 180, 360, fill="#7e8b8a", width=20)

    return _as_png(draw)


# The map of Waterdam: drawn for the demo in the middle of a lake, so that it matches no real place.


AREA_YEAR = 2026
GRID_ORIGIN = (5.3010, 52.5600)
GRID_STEP = (0.00030, 0.00018)  # degrees per unit of the drawing: some 20 m each way

# Corners on a drawing of 120 by 80 units; neighbours share them, so borders meet.
AREA_CORNERS = {
    "a": (0, 6), "b": (30, 0), "c": (62, 4), "d": (92, 0), "e": (120, 10),
    "f": (2, 40), "g": (18, 44), "h": (34, 38), "i": (50, 46), "j": (64, 40), "k": (80, 46), "l": (96, 38),
    "m": (118, 44), "n": (6, 76), "o": (36, 80), "p": (60, 72), "q": (66, 80), "r": (94, 74), "s": (112, 78),
}  # fmt: skip

DISTRICTS: dict[str, dict[str, str]] = {
    "Oosterhaven": {
        "Havenkom": "c d l k j",
        "Sluisbuurt": "d e m l",
        "De Linde": "j k l m s r q p",
    },
    "Westpolder": {
        "Molenhoek": "a b c j i h g f",
        "Veldzicht": "f g h o n",
        "Kadekwartier": "h i j p q o",
    },
}

THEMES = {
    "meeting": ("Ontmoeten", "Meeting"),
    "green": ("Groen", "Green"),
    "traffic": ("Bus en verkeer", "Bus and traffic"),
    "youth": ("Jongeren", "Young people"),
    "help": ("Hulp en zorg", "Help and care"),
    "safety": ("Veiligheid", "Safety"),
    "housing": ("Wonen", "Housing"),
}


def make_places() -> dict[str, Area]:
    root = Area.objects.create(kind=AreaKind.MUNICIPALITY, name="Waterdam", slug="waterdam")
    areas = {root.name: root}
    everything = []
    for number, (name, neighbourhoods) in enumerate(DISTRICTS.items(), start=1):
        district = Area.objects.create(kind=AreaKind.DISTRICT, name=name, slug=name.lower(), parent=root)
        areas[name] = district
        shapes = []
        for order, (own_name, corners) in enumerate(neighbourhoods.items(), start=1):
            area = Area.objects.create(
                kind=AreaKind.NEIGHBOURHOOD,
                name=own_name,
                slug=own_name.lower().replace(" ", "-"),
                parent=district,
            )
            areas[own_name] = area
            shape = Polygon([_degrees(*AREA_CORNERS[corner]) for corner in corners.split()])
            shapes.append(shape)
            _draw(area, shape, f"BU9999{number:02}{order:02}")
        _draw(district, unary_union(shapes), f"WK9999{number:02}")
        everything += shapes
    _draw(root, unary_union(everything), "GM9999")
    for kind in AreaKind:
        recompute_outlines(kind, AREA_YEAR)
    return areas


def make_themes() -> dict[str, Theme]:
    return {
        slug: Theme.objects.create(slug=slug, name={"nl": nl, "en": en}, order=order)
        for order, (slug, (nl, en)) in enumerate(THEMES.items())
    }


def _degrees(x: float, y: float) -> tuple[float, float]:
    return GRID_ORIGIN[0] + x * GRID_STEP[0], GRID_ORIGIN[1] - y * GRID_STEP[1]


def _draw(area: Area, shape: Any, code: str) -> None:
    west, south, east, north = shape.bounds
    AreaVersion.objects.create(
        area=area, year=AREA_YEAR, code=code, name=area.name, boundary=mapping(shape),
        west=west, south=south, east=east, north=north, source="Waterdam",
    )  # fmt: skip


# The resources of Waterdam and the ages of its residents, which the advice needs.


FIGURES_YEAR = 2024
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
        known = indicator_dictionary()[slug]
        indicator, _made = Indicator.objects.get_or_create(
            slug=slug,
            defaults={
                "name": dict(known.name), "explanation": dict(known.explanation), "unit": known.unit,
                "sentence": dict(known.sentence),
                "nature": known.nature, "decimals": known.decimals, "order": known.order,
            },
        )  # fmt: skip
        Figure.objects.bulk_create(
            Figure(area=areas[name], indicator=indicator, year=FIGURES_YEAR, value=ages[place], source=source)
            for name, ages in AGES.items()
        )


# The inventory of Waterdam: figures, parties, places and key persons. Fictional.


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
        known = indicator_dictionary()[slug]
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
