"""The frozen documents, parsed once per process: a version never changes."""

from dataclasses import dataclass
from functools import lru_cache

from surveys.models import Survey, SurveyVersion
from surveys.questionnaire.document import Document, parse


@dataclass(frozen=True)
class Published:
    """A version as the runner needs it, without asking the database again."""

    version: int
    epoch: int
    document: Document
    asks_for_area: bool


def running(survey: Survey) -> Published | None:
    """The version that residents meet now; what is written since, they don't read. None before there is one."""
    return (
        published(survey.current_id, survey.current.digest) if survey.current and survey.current_id else None
    )


@lru_cache(maxsize=64)
def published(version_id: int, digest: str) -> Published:
    """The parsed version. `digest` is part of the key, so that ids used again after a restore can't mix."""
    version = SurveyVersion.objects.get(pk=version_id)
    return Published(
        version=version.pk,
        epoch=version.epoch,
        document=parse(version.document),
        asks_for_area='"in_area"' in str(version.document).replace("'", '"'),
    )
