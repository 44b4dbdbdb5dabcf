"""QR codes of the ways in. Error correction M: a poster with a crease still works."""

import io

import segno


def qr_svg(address: str) -> bytes:
    """A picture of `address` with its quiet zone, black on white, that scales to any size."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=4, light="#fff", xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return out.getvalue()


def qr_png(address: str) -> bytes:
    """The same for programs that want dots: 20 to a module, some 700 pixels wide."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", border=4, scale=20)
    return out.getvalue()
