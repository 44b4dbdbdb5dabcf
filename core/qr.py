"""QR codes for channels. Error correction M, so that a creased poster still scans."""

import io

import segno


def qr_svg(address: str) -> bytes:
    """An SVG of `address` with its quiet zone, black on white, scalable to any size."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=4, light="#fff", xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return out.getvalue()


def qr_png(address: str) -> bytes:
    """A PNG for programs that need pixels: 20 per module, some 700 wide."""
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="png", border=4, scale=20)
    return out.getvalue()
