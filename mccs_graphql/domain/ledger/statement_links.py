"""Links to statements: short-lived, signed, good for one statement and for nothing else."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

import jwt
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Account
from mccs_graphql.domain.audit.changes import SHARED, note
from mccs_graphql.domain.errors import TokenFault, Unauthenticated
from mccs_graphql.domain.identity.access_tokens import ALGORITHM, LEEWAY, TOKEN_MAX
from mccs_graphql.domain.identity.keys import KeyRing, Keys
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger.statements import Period, StatementFormat

TYPE = "statement+jwt"
AUDIENCE = "statement"
"""An access token is of another type and for no audience: neither passes for the other."""
_CLAIMS = ["iss", "aud", "iat", "exp", "ent", "from", "to", "fmt"]
_OF_ANOTHER_SHAPE = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
_EXPIRED = "This link has expired; ask for a new one by createStatementLink."
_INVALID = "This is no link of ours, or it has been changed."


@dataclass(frozen=True)
class StatementLink:
    """What a link leads to, for whoever has made it: in this session, or with this API token."""

    entity_id: UUID
    period: Period
    format: StatementFormat
    session_id: UUID | None
    token_id: UUID | None


@dataclass(frozen=True)
class SignedLink:
    """The text that makes a link good, and until when."""

    text: str
    expires_at: datetime


class StatementLinks:
    """Signs and reads the links of one community, with the keys of its access tokens."""

    def __init__(self, keys: Keys, *, issuer: str, lifetime: timedelta) -> None:
        self._keys = keys
        self._issuer = issuer
        self._lifetime = lifetime

    async def sign(self, link: StatementLink) -> SignedLink:
        """A link that is good from now on."""
        return sign(await self._keys.fresh(), link, issuer=self._issuer, lifetime=self._lifetime)

    async def read(self, text: str) -> StatementLink:
        """What a good link leads to. Raises Unauthenticated, saying why it is not."""
        if len(text) > TOKEN_MAX or not text.isascii():
            _refuse()
        public = await self._keys.public(_kid(text))
        if public is None:
            _refuse()
        try:
            said = jwt.decode(
                text,
                public,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=AUDIENCE,
                leeway=LEEWAY,
                options={"require": _CLAIMS},
            )
            return _link_of(said)
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(TokenFault.EXPIRED, _EXPIRED) from None
        except (jwt.InvalidTokenError, *_OF_ANOTHER_SHAPE):
            _refuse()


def sign(ring: KeyRing, link: StatementLink, *, issuer: str, lifetime: timedelta) -> SignedLink:
    """The signed form of a link."""
    issued_at = datetime.now(UTC).replace(microsecond=0)
    expires_at = issued_at + lifetime
    claims = {
        "iss": issuer,
        "aud": AUDIENCE,
        "iat": issued_at,
        "exp": expires_at,
        "ent": str(link.entity_id),
        "from": link.period.since.isoformat(),
        "to": link.period.until.isoformat(),
        "fmt": link.format.value,
        "sid": str(link.session_id) if link.session_id else None,
        "tid": str(link.token_id) if link.token_id else None,
    }
    text = jwt.encode(
        claims, ring.private, algorithm=ALGORITHM, headers={"kid": ring.kid, "typ": TYPE}
    )
    return SignedLink(text, expires_at)


def link_for(
    viewer: Viewer, entity_id: UUID, period: Period, format_: StatementFormat
) -> StatementLink:
    """A link that lasts no longer than what the viewer is known by."""
    return StatementLink(entity_id, period, format_, viewer.session_id, viewer.token_id)


def note_link(session: AsyncSession, link: StatementLink) -> None:
    """Record that there is a link, and to what; not the link itself."""
    told = {
        "statementFrom": link.period.since.isoformat(),
        "statementTo": link.period.until.isoformat(),
        "statementFormat": link.format.name,
    }
    fields = {name: (None, value) for name, value in told.items()}
    note(session, Account, link.entity_id, what=SHARED, fields=fields)


def _link_of(said: dict[str, Any]) -> StatementLink:
    """Raises one of ``_OF_ANOTHER_SHAPE`` for claims that are not as ours are."""
    return StatementLink(
        entity_id=UUID(said["ent"]),
        period=Period(datetime.fromisoformat(said["from"]), datetime.fromisoformat(said["to"])),
        format=StatementFormat(said["fmt"]),
        session_id=UUID(said["sid"]) if said["sid"] else None,
        token_id=UUID(said["tid"]) if said["tid"] else None,
    )


def _kid(text: str) -> str:
    """The name of the key, as the link itself says: nothing is believed yet."""
    try:
        header = jwt.get_unverified_header(text)
    except jwt.InvalidTokenError:
        _refuse()
    kid = header.get("kid")
    return kid if isinstance(kid, str) and header.get("typ") == TYPE else _refuse()


def _refuse() -> NoReturn:
    raise Unauthenticated(TokenFault.INVALID, _INVALID) from None
