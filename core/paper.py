"""The street drawing for print: the screen stylesheet's classes in print colours."""

from django.template import Context, Template

_COLOURS = (
    "<style>.houses,.trunk{fill:#1e3340}.trunk{stroke:#1e3340;stroke-width:3}.dark{fill:#40596a}.lit{fill:#f6c544}"
    ".glow{fill:#f6c544;opacity:.35}.own{fill:#f6c544;stroke:#fff;stroke-width:1}</style>"
)


def street_on_paper() -> str:
    """For a poster: no windows are lit yet except the reader's own."""
    drawn = Template("{% street own=True width=560 height=130 %}").render(Context())
    return drawn.replace(
        "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="560" height="130" ', 1
    ).replace(">", f">{_COLOURS}", 1)
