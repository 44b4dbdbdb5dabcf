"""The frozen documents, parsed once per process, since a version never changes."""

from dataclasses import dataclass
from functools import lru_cache

from surveys.models import Survey, SurveyVersion
from surveys.questionnaire.document import Document, parse


@dataclass(frozen=True)
class PublishedVersion:
    """A version as needed at runtime, without another query."""

    version: int
    epoch: int
    document: Document
    asks_for_area: bool


def running_version(survey: Survey) -> PublishedVersion | None:
    """The version that residents see now, without later draft changes. None before the first publication."""
    return (
        published_version(survey.current_id, survey.current.digest)
        if survey.current and survey.current_id
        else None
    )


@lru_cache(maxsize=64)
def published_version(version_id: int, digest: str) -> PublishedVersion:
    """The parsed version. `digest` is in the cache key, so that ids reused after a restore cannot mix."""
    version = SurveyVersion.objects.get(pk=version_id)
    return PublishedVersion(
        version=version.pk,
        epoch=version.epoch,
        document=parse(version.document),
        asks_for_area='"in_area"' in str(version.document).replace("'", '"'),
    )
