"""The editor for browsers: our own files, so that it needs no other host and lets none in."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from mccs_graphql.endpoint.media_types import names

FOLDER = Path(__file__).parent / "static"
HTML = "text/html"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def wants_page(request: Request) -> bool:
    """Whether this is a person at a browser: programs do not ask for HTML by its name."""
    return request.method != "POST" and names(request.headers.get("accept"), HTML)


def page() -> FileResponse:
    """The page; with a policy under which only our own scripts run."""
    return FileResponse(FOLDER / "index.html", headers={"Content-Security-Policy": POLICY})


def files() -> Mount:
    """What the page loads."""
    return Mount("/graphiql", Files(directory=FOLDER))


class Files(StaticFiles):
    """Browsers may keep these, and ask each time whether they are still good."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Starlette's answer, or 304."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        return response
