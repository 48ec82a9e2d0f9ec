"""What clients are told of the points an operation takes."""

from datetime import UTC, datetime
from math import ceil

from graphql import GraphQLError

from mccs_graphql.domain.rates import PERIOD_SECONDS, Charge

HEADERS = ("RateLimit", "RateLimit-Policy", "Retry-After")


def shown(charge: Charge) -> dict[str, object]:
    """``extensions.cost`` of an answer."""
    level, reset_at = charge.level, charge.reset_at(datetime.now(UTC))
    return {
        "requested": charge.cost,
        "limit": level.size if level else None,
        "remaining": level.remaining if level else None,
        "resetAt": reset_at.isoformat().replace("+00:00", "Z") if reset_at else None,
    }


def refusal(charge: Charge) -> GraphQLError:
    """Why an operation that was not paid for is not carried out."""
    seconds = charge.retry_seconds
    return GraphQLError(
        f"This operation takes {charge.cost:,} points, more than are left; "
        f"try again in {seconds} s.",
        extensions={"code": "RATE_LIMITED", "retryAfter": seconds, "cost": shown(charge)},
    )


def headers(charge: Charge) -> dict[str, str]:
    """The same in the headers of an answer over HTTP."""
    told: dict[str, str] = {}
    if level := charge.level:
        name = f'"{level.bucket}"'
        told["RateLimit-Policy"] = f"{name};q={level.size};w={PERIOD_SECONDS}"
        told["RateLimit"] = f"{name};r={level.remaining};t={ceil(level.full_seconds)}"
    if charge.retry_seconds:
        told["Retry-After"] = str(charge.retry_seconds)
    return told
