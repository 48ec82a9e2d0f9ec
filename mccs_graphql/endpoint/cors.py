"""Front ends that are served from elsewhere: which may ask, and how."""

from http import HTTPStatus

from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from mccs_graphql.endpoint.charges import HEADERS
from mccs_graphql.endpoint.media_types import JSON
from mccs_graphql.endpoint.refusals import json_response
from mccs_graphql.settings import Settings

PREFLIGHT_SECONDS = 7200
"""The longest any browser remembers a preflight."""


class Cors(CORSMiddleware):
    """Starlette's, with JSON for what it refuses."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """Whether the real request may follow."""
        response = super().preflight_response(request_headers)
        if response.status_code == HTTPStatus.OK:
            return response
        error = GraphQLError(bytes(response.body).decode(), extensions={"code": "FORBIDDEN"})
        return json_response({"errors": [error.formatted]}, JSON, status=response.status_code)


def cors(settings: Settings) -> Middleware:
    """No credentials of the browser's own: who calls is said in a header the page must know."""
    return Middleware(
        Cors,
        allow_origins=settings.origins,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type"],
        expose_headers=HEADERS,
        max_age=PREFLIGHT_SECONDS,
    )
