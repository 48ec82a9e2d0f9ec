"""How often somebody may try: to guess a secret, to sign up, to have a mail sent, to invite."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.queries import attempts as queries
from mccs_graphql.db.queries.attempts import Change, Count, Name
from mccs_graphql.domain.identity.refusals import TooManyAttempts
from mccs_graphql.domain.places import place_of
from mccs_graphql.settings import Settings

KNOWN = "known"
KNOWN_FOR = timedelta(days=90)
"""How long a place is remembered from which somebody got in."""
DOUBLINGS_MAX = 20
"""Past this the longest wait is reached anyway."""


class AttemptKind(StrEnum):
    """What is tried."""

    LOG_IN = "logIn"
    SIGN_UP = "signUp"
    INVITE = "invite"
    SECOND_FACTOR = "secondFactor"
    PASSWORD = "password"  # noqa: S105 - a name
    """The current one, by who is logged in; the subject is the session."""
    MAIL_TOKEN = "mailToken"  # noqa: S105
    """What came by mail, which says itself whose it is."""
    PASSWORD_RESET = "passwordReset"  # noqa: S105
    EMAIL_VERIFICATION = "emailVerification"
    EMAIL_CHANGE = "emailChange"
    """Of these three each attempt is a mail; the subject is where it goes, or whose it is."""


_PROVEN_BY = {AttemptKind.PASSWORD_RESET: AttemptKind.LOG_IN}
"""Who got in from a place may also ask from there for a new password, whatever strangers do."""


class Scope(StrEnum):
    """What a rule counts together."""

    SUBJECT_AT_PLACE = "subjectAtPlace"
    SUBJECT = "subject"
    PLACE = "place"


@dataclass(frozen=True)
class Attempt:
    """Somebody at an address of the network tries something, with whom or what it is about.

    The subject is taken as it was typed, and whether there is such a one is nobody's concern here:
    what is counted for one who does not exist is counted in the same way.
    """

    kind: AttemptKind
    address: str | None
    subject: str = ""


@dataclass(frozen=True)
class Rule:
    """So many attempts are ``free``; after them each has to wait twice as long as the one before.

    One attempt is forgotten in each ``forgets``, so no more than that go on for long. ``free`` 0
    is no rule.
    """

    free: int
    forgets: timedelta
    first_wait: timedelta
    longest_wait: timedelta

    def level(self, count: Count) -> float:
        """How many attempts count at the moment the count was read."""
        return max(count.level - max(count.now - count.counted_at, timedelta()) / self.forgets, 0.0)

    def ready_at(self, count: Count) -> datetime:
        """From when on the next attempt may be made."""
        over = ceil(self.level(count)) - self.free
        if over < 0:
            return count.now
        wait: timedelta = self.first_wait * 2 ** min(over, DOUBLINGS_MAX)
        return count.counted_at + min(wait, self.longest_wait)


Rules = Mapping[AttemptKind, Mapping[Scope, Rule]]


def rules_of(settings: Settings) -> Rules:
    """The rules of a community, those that its settings turn off left out."""
    seconds, minutes = timedelta(seconds=1), timedelta(minutes=1)
    here, account = settings.attempts_per_place, settings.attempts_per_account
    place = Rule(settings.attempts_per_address, minutes, 10 * seconds, 2 * minutes)
    passwords = {
        Scope.SUBJECT_AT_PLACE: Rule(here, 10 * minutes, 10 * seconds, 15 * minutes),
        Scope.SUBJECT: Rule(account, 10 * minutes, 10 * seconds, 5 * minutes),
        Scope.PLACE: place,
    }
    mails = {
        Scope.SUBJECT_AT_PLACE: Rule(
            settings.mails_per_mailbox, 10 * minutes, minutes, 15 * minutes
        ),
        Scope.SUBJECT: Rule(2 * settings.mails_per_mailbox, 10 * minutes, minutes, 15 * minutes),
        Scope.PLACE: place,
    }
    rules = {
        AttemptKind.LOG_IN: passwords,
        AttemptKind.PASSWORD: passwords,
        AttemptKind.MAIL_TOKEN: {Scope.PLACE: place},
        AttemptKind.PASSWORD_RESET: mails,
        AttemptKind.EMAIL_VERIFICATION: mails,
        AttemptKind.EMAIL_CHANGE: mails,
        AttemptKind.SIGN_UP: {
            Scope.PLACE: Rule(settings.sign_ups_per_address, 10 * minutes, minutes, 15 * minutes),
        },
        AttemptKind.SECOND_FACTOR: {
            Scope.SUBJECT_AT_PLACE: Rule(here, 10 * minutes, 10 * seconds, 15 * minutes),
            Scope.SUBJECT: Rule(account, 10 * minutes, 10 * seconds, 5 * minutes),
        },
        AttemptKind.INVITE: {
            Scope.SUBJECT: Rule(settings.invitations_per_user, 60 * minutes, minutes, 60 * minutes),
        },
    }
    return {
        kind: {scope: rule for scope, rule in scopes.items() if rule.free}
        for kind, scopes in rules.items()
    }


class Throttle:
    """Counts attempts before it is known how they end: guesses at the same moment all count.

    ``count`` first, in a transaction of its own; then look whether the attempt is right; and if it
    is, ``forgive``. An attempt that is refused leaves no trace, so asking again never makes the
    wait longer. Whoever got in from a place is held up there only by guesses from that place.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    async def count(self, session: AsyncSession, attempt: Attempt) -> None:
        """Count an attempt that is about to be made. Raises TooManyAttempts, to be rolled back."""
        if not (rules := self._rules[attempt.kind]):
            return
        counts = _by_scope(await queries.lock_counts(session, _names(attempt, rules)))
        ready_at = {scope: rules[scope].ready_at(count) for scope, count in counts.items()}
        refusing = [scope for scope, count in counts.items() if ready_at[scope] > count.now]
        if refusing and attempt.subject and await queries.is_remembered(session, _known(attempt)):
            refusing = [scope for scope in refusing if scope is Scope.SUBJECT_AT_PLACE]
        if refusing:
            raise TooManyAttempts(retry_at=max(ready_at[scope] for scope in refusing))
        await queries.change_counts(
            session, [_one_more(rules[scope], count) for scope, count in counts.items()]
        )
        await queries.forget(session)

    async def forgive(self, session: AsyncSession, attempt: Attempt) -> None:
        """The attempt was right: it does not count, nor do the wrong ones from here before it."""
        if not (rules := self._rules[attempt.kind]):
            return
        names = _names(attempt, rules)
        if attempt.subject:  # without one, a single success would open the place for guesses
            names.append(_known(attempt))
        found = await queries.lock_counts(session, names)
        changes = [
            _one_less(rules[scope], scope, count) for scope, count in _by_scope(found).items()
        ]
        known = [Change(count.key, 0, count.now + KNOWN_FOR) for count in found if _is_known(count)]
        await queries.change_counts(session, [*changes, *known])

    async def take_back(self, session: AsyncSession, attempt: Attempt) -> None:
        """The attempt was neither right nor a guess: it does not count, and nothing else changes.

        Wrong ones before it go on counting, and the place is not remembered.
        """
        if not (rules := self._rules[attempt.kind]):
            return
        found = _by_scope(await queries.lock_counts(session, _names(attempt, rules)))
        changes = [_less_one(rules[scope], count) for scope, count in found.items()]
        await queries.change_counts(session, changes)


def _names(attempt: Attempt, rules: Iterable[Scope]) -> list[Name]:
    """What an attempt counts against; a part that the scope does not look at is left empty."""
    place = place_of(attempt.address)
    parts = {
        Scope.SUBJECT_AT_PLACE: (place, attempt.subject),
        Scope.SUBJECT: ("", attempt.subject),
        Scope.PLACE: (place, ""),
    }
    return [Name(f"{attempt.kind}.{scope}", *parts[scope]) for scope in rules]


def _known(attempt: Attempt) -> Name:
    kind = _PROVEN_BY.get(attempt.kind, attempt.kind)
    return Name(f"{kind}.{KNOWN}", place_of(attempt.address), attempt.subject)


def _is_known(count: Count) -> bool:
    return count.rule.endswith(f".{KNOWN}")


def _by_scope(counts: Sequence[Count]) -> dict[Scope, Count]:
    return {Scope(count.rule.partition(".")[2]): count for count in counts if not _is_known(count)}


def _one_more(rule: Rule, count: Count) -> Change:
    level = rule.level(count) + 1
    return Change(count.key, level, count.now + rule.forgets * level)


def _one_less(rule: Rule, scope: Scope, count: Count) -> Change:
    """One who got in has no more to guess; elsewhere others may have tried meanwhile."""
    if scope is Scope.SUBJECT_AT_PLACE:
        return Change(count.key, 0.0, count.now)
    return _less_one(rule, count)


def _less_one(rule: Rule, count: Count) -> Change:
    level = max(rule.level(count) - 1, 0.0)
    return Change(count.key, level, count.now + rule.forgets * level)
