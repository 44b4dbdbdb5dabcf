"""Drawn pictures for the pages of initiatives, so that no photo of a person is needed."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

WIDE, HIGH = 1_200, 675
PAPER, CANAL, LAMP, BRICK, GREEN, INK = "#fbf1dd", "#0b5a58", "#f6c544", "#a2381d", "#5f8d4e", "#22302f"


def _as_png(draw: Callable[[ImageDraw.ImageDraw], None]) -> bytes:
    picture = Image.new("RGB", (WIDE * 2, HIGH * 2), PAPER)
    draw(ImageDraw.Draw(picture))
    kept = io.BytesIO()
    picture.resize((WIDE, HIGH), Image.Resampling.LANCZOS).save(kept, "PNG")
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
