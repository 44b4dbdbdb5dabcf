"""Pictures that somebody sent, drawn anew: small, upright, and without anything a camera wrote beside them."""

import hashlib
import io
import re
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

MAX_PICTURE_BYTES = 10 * 1024 * 1024
"""In bytes, as it is sent."""
MOST_DOTS, MOST_DOTS_OF_OTHERS = 60_000_000, 25_000_000
"""The largest phones take pictures of 50 million; a small file can claim to be many times that. A JPEG is decoded
smaller at once; other kinds, and a JPEG that comes in scans, lie in memory whole."""
MOST_SCANS = 30
"""Programs make about ten. Each goes over all the dots again, and an empty one takes less than a hundred bytes."""
LONGEST_SIDE = 1200
SMALL_ENOUGH = 250_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITIES = (82, 74, 66, 55)


class CantBeDrawn(Exception):
    """No picture that we know, a broken one, or one that is too large to open."""

    def __init__(self, *, is_too_large: bool = False) -> None:
        super().__init__("too large" if is_too_large else "no picture")
        self.is_too_large = is_too_large


@dataclass(frozen=True)
class RedrawnPicture:
    jpeg: bytes
    digest: str
    width: int
    height: int


def redraw(sent: bytes) -> RedrawnPicture:
    """A JPEG of at most LONGEST_SIDE. Raises CantBeDrawn, whatever was sent."""
    if len(sent) > MAX_PICTURE_BYTES:
        raise CantBeDrawn(is_too_large=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of Pillow, about what is refused below or doesn't matter to a copy
            picture = _opened(sent)
    except CantBeDrawn:
        raise
    except Exception as error:
        raise CantBeDrawn from error
    jpeg = _as_jpeg(picture)
    return RedrawnPicture(jpeg, hashlib.sha256(jpeg).hexdigest(), picture.width, picture.height)


def _opened(sent: bytes) -> Image.Image:
    try:
        source = Image.open(io.BytesIO(sent), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise CantBeDrawn(is_too_large=True) from error
    with source:
        is_jpeg = source.format in ("JPEG", "MPO")
        scans = _scans(sent) if is_jpeg else 1
        most = MOST_DOTS if is_jpeg and scans == 1 else MOST_DOTS_OF_OTHERS
        if scans > MOST_SCANS:
            raise CantBeDrawn
        if source.width * source.height > most:  # read from its head, before a dot of it is in memory
            raise CantBeDrawn(is_too_large=True)
        source.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
        source.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        return _on_white(ImageOps.exif_transpose(source))


_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
"""What begins a part of a JPEG. In the dots themselves a zero follows each 0xff, or the number of a restart."""


def _scans(jpeg: bytes) -> int:
    """How often the dots of the first picture in it are gone over; counting ends where there are too many."""
    scans, at = 0, 2
    while scans <= MOST_SCANS and (found := _MARKER.search(jpeg, at)):
        at = found.end()
        if found[1] == b"\xd9":  # the end of the picture; what stands after it is not looked at
            break
        if found[1] != b"\x01":  # the only other one without a length
            scans += found[1] == b"\xda"
            at += int.from_bytes(jpeg[at : at + 2], "big")
    return scans


def _on_white(picture: Image.Image) -> Image.Image:
    """What is see-through becomes white; nothing but the dots is taken over."""
    layer = picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, "#fff")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _as_jpeg(picture: Image.Image) -> bytes:
    made = b""
    for quality in QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        made = out.getvalue()
        if len(made) <= SMALL_ENOUGH:
            break
    return made
