"""Staff in the dress rehearsal: read what came in, write an answer, release it, watch it go out."""

from dataclasses import dataclass


@dataclass
class Sum:
    """What the follow-up's own page says became of everybody."""

    audience: int
    parts: dict[str, int]

    @property
    def adds_up(self) -> bool:
        return self.audience == sum(self.parts.values())
