"""The public keys by which anybody can verify our access tokens (RFC 7517, RFC 8037)."""

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from starlette.requests import Request
from starlette.responses import JSONResponse

from mccs_graphql.context import Services
from mccs_graphql.domain.identity.access_tokens import ALGORITHM
from mccs_graphql.domain.identity.keys import KEYS_FRESH

CACHING = {"Cache-Control": f"public, max-age={int(KEYS_FRESH.total_seconds())}"}


async def jwks(request: Request) -> JSONResponse:
    """Every key that a token which has not expired may be signed with."""
    services: Services = request.app.state.services
    ring = await services.tokens.keys.fresh()
    keys = [_jwk(kid, public) for kid, public in ring.public.items()]
    return JSONResponse({"keys": keys}, headers=CACHING)


def _jwk(kid: str, public: Ed25519PublicKey) -> dict[str, str]:
    x = base64.urlsafe_b64encode(public.public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": ALGORITHM, "use": "sig"}
