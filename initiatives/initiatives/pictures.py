"""Re-encodes uploaded pictures: small, upright, and without camera metadata."""

import hashlib
import io
import re
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

MAX_PICTURE_BYTES = 10 * 1024 * 1024
"""Of the upload, in bytes."""
MAX_JPEG_PIXELS, MAX_OTHER_PIXELS = 60_000_000, 25_000_000
"""Maximum number of pixels. The largest phones make 50 million, but a small file can claim many times that. A
JPEG is downscaled while decoding; other formats and progressive JPEGs are held in memory whole."""
MAX_JPEG_SCANS = 30
"""Programs make about ten. Each scan passes over all pixels again, and an empty one takes under a hundred bytes."""
MAX_SIDE_PIXELS = 1200
TARGET_BYTES = 250_000
PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
JPEG_QUALITIES = (82, 74, 66, 55)


class CantBeDrawn(Exception):
    """Unknown format, a broken file, or too large to open."""

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
    """A JPEG of at most LONGEST_SIDE pixels a side. Raises CantBeDrawn for any input that can't be read."""
    if len(sent) > MAX_PICTURE_BYTES:
        raise CantBeDrawn(is_too_large=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # Pillow warns about what is refused below or irrelevant for a copy
            picture = _open_picture(sent)
    except CantBeDrawn:
        raise
    except Exception as error:
        raise CantBeDrawn from error
    jpeg = _as_jpeg(picture)
    return RedrawnPicture(jpeg, hashlib.sha256(jpeg).hexdigest(), picture.width, picture.height)


def _open_picture(sent: bytes) -> Image.Image:
    try:
        source = Image.open(io.BytesIO(sent), formats=PICTURE_FORMATS)
    except Image.DecompressionBombError as error:
        raise CantBeDrawn(is_too_large=True) from error
    with source:
        is_jpeg = source.format in ("JPEG", "MPO")
        scans = _scans(sent) if is_jpeg else 1
        most = MAX_JPEG_PIXELS if is_jpeg and scans == 1 else MAX_OTHER_PIXELS
        if scans > MAX_JPEG_SCANS:
            raise CantBeDrawn
        if source.width * source.height > most:  # read from the header, before any pixel is decoded
            raise CantBeDrawn(is_too_large=True)
        source.draft("RGB", (MAX_SIDE_PIXELS * 2, MAX_SIDE_PIXELS * 2))
        source.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS), Image.Resampling.LANCZOS)
        return _on_white(ImageOps.exif_transpose(source))


_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
"""A JPEG marker. Within the image data each 0xff is followed by a zero or a restart number."""


def _scans(jpeg: bytes) -> int:
    """Number of scans in the first picture; stops counting above MOST_SCANS."""
    scans, at = 0, 2
    while scans <= MAX_JPEG_SCANS and (found := _JPEG_MARKER.search(jpeg, at)):
        at = found.end()
        if found[1] == b"\xd9":  # end of the picture; what follows is ignored
            break
        if found[1] != b"\x01":  # the only other marker without a length
            scans += found[1] == b"\xda"
            at += int.from_bytes(jpeg[at : at + 2], "big")
    return scans


def _on_white(picture: Image.Image) -> Image.Image:
    """On a white background; only pixels are copied."""
    layer = picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, "#fff")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _as_jpeg(picture: Image.Image) -> bytes:
    made = b""
    for quality in JPEG_QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        made = out.getvalue()
        if len(made) <= TARGET_BYTES:
            break
    return made
