"""Who calls, as far as the request itself says."""

from starlette.requests import HTTPConnection

from mccs_graphql.context import Caller, Services
from mccs_graphql.db.models.user import ADDRESS_MAX, DEVICE_MAX
from mccs_graphql.domain.identity.sessions import Origin
from mccs_graphql.endpoint.client_address import client_address

BEARER = "bearer "


def caller_of(connection: HTTPConnection, services: Services) -> Caller:
    """The caller of an HTTP request, or of a WebSocket as long as it has said nothing."""
    return Caller(
        services,
        token=bearer(connection.headers.get("authorization")),
        origin=_origin(connection, services),
    )


def _origin(connection: HTTPConnection, services: Services) -> Origin:
    """The device as it calls itself, and the address that it asks from."""
    device = connection.headers.get("user-agent", "")
    if not device.isprintable():
        device = "".join(filter(str.isprintable, device))
    address = client_address(
        connection.client.host if connection.client else None,
        connection.headers.getlist("x-forwarded-for"),
        services.settings.proxies,
    )
    return Origin(device=device[:DEVICE_MAX], address=(address or "")[:ADDRESS_MAX])


def bearer(header: object) -> str | None:
    """The token in an Authorization header; None for any other header."""
    if isinstance(header, str) and header[: len(BEARER)].lower() == BEARER:
        return header[len(BEARER) :].strip() or None
    return None
