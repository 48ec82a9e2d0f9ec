"""Which media type an answer has: what the client accepts, of what we have."""

from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
"""The status says whether the document was carried out."""
JSON = "application/json"
"""For older clients: 200 whatever a well-formed request comes to."""
ACCEPTS_KEPT = 64
"""Wishes that have been read; clients have few, and a head has at most 32 kB."""

_WILDCARDS = ("application/*", "*/*")


@lru_cache(ACCEPTS_KEPT)
def negotiated(accept: str | None) -> str | None:
    """The one the client likes best, or None; JSON for who does not say."""
    qualities = _qualities(accept or "*/*")
    quality, _named, media_type = max(_liking(qualities, name) for name in (JSON, GRAPHQL_RESPONSE))
    return media_type if quality > 0 else None


def names(accept: str | None, media_type: str) -> bool:
    """Whether a media type is asked for by its name, not only by a wildcard."""
    return _qualities(accept or "").get(media_type, 0) > 0


def _liking(qualities: dict[str, float], media_type: str) -> tuple[float, tuple[bool, bool], str]:
    """Sorts by quality; among equals what is named comes first, and then the newer type."""
    named = media_type in qualities
    newer = media_type == GRAPHQL_RESPONSE
    ranges = (media_type, *_WILDCARDS)
    quality = next((qualities[name] for name in ranges if name in qualities), 0.0)
    return quality, (named, newer if named else not newer), media_type


def _qualities(accept: str) -> dict[str, float]:
    ranges = (part.lower().split(";") for part in accept.split(","))
    return {name.strip(): _quality(parameters) for name, *parameters in ranges}


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
