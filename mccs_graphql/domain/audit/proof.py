"""Proving the audit trail: that no entry was changed, removed, or never written."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import AuditEntry, Transfer
from mccs_graphql.db.queries import audit as queries
from mccs_graphql.domain.audit.changes import CREATED
from mccs_graphql.domain.audit.sealing import FIRST_SEAL, seal_of
from mccs_graphql.domain.audit.trail import SUBJECTS_MAX, digest
from mccs_graphql.domain.ledger.books import Difference

BATCH = 500
SHOWN_MAX = 20
"""Differences of one kind that are listed; the first ones say where to look."""
SEALED_WITHIN = timedelta(minutes=10)
"""Sealing takes some seconds; what waits longer waits for somebody."""
TERMS = ("amount", "payerId", "payeeId")
"""What was agreed, by the names that entries have for it."""
BEFORE_ALL_NUMBERS = -(2**63)
BEFORE_ALL_IDS = UUID(int=0)

MISSING = "Entries of the audit trail are missing"
MISPLACED = "An entry has a number that no seal was given for"
CHANGED = "An entry is not the one that was sealed"
DETAILS = "The details of an entry are not those that were recorded"
ERASED = "The details of an entry are gone, and no later entry says why"
UNSEALED = "An entry has waited too long for its seal"
HEAD = "The last seal is not the one that is kept apart"
NOT_IN_CHAIN = "No entry has the seal that was kept elsewhere"
UNTOLD = "No entry tells of a transfer"
TRANSFER = "A transfer is not what its entry says"

Progress = Callable[[str, int, int], object]


@dataclass
class TrailFindings:
    """What a look at the trail found, and how far it went; ``seal`` is the last one."""

    differences: list[Difference] = field(default_factory=list)
    entries: int = 0
    seal: bytes = FIRST_SEAL
    _counted: Counter[str] = field(default_factory=Counter)

    def add(self, what: str, subject: str, *, expected: int | str, found: int | str) -> None:
        """List a difference, unless there are many of its kind."""
        self._counted[what] += 1
        if self._counted[what] <= SHOWN_MAX:
            self.differences.append(Difference(what, subject, expected, found))


async def check_trail(
    session: AsyncSession, *, progress: Progress, kept: bytes | None = None
) -> TrailFindings:
    """Follow the seals from the first to the last, in batches, and compare with the transfers.

    The session must see one moment only. ``kept`` is a seal that somebody has kept elsewhere: who
    rewrites the whole chain can still not make it lead there.
    """
    findings = TrailFindings()
    chain = _Chain(findings, kept)
    total = await queries.count_sealed(session)
    number = BEFORE_ALL_NUMBERS
    while entries := await queries.sealed_entries(session, after=number, most=BATCH):
        number = entries[-1].sealed_seq or number
        for entry in entries:
            chain.follow(entry)
        await _check_contents(session, entries, findings)
        session.expunge_all()
        progress("Proving the audit trail", findings.entries, total)
    await _check_end(session, chain)
    await _check_waiting(session, findings)
    await _check_untold(session, findings)
    return findings


class _Chain:
    """The numbers and the seals, one entry after the other."""

    def __init__(self, findings: TrailFindings, kept: bytes | None) -> None:
        self.findings = findings
        self.number = 0
        self.kept = kept
        self._before = {FIRST_SEAL}

    def follow(self, entry: AuditEntry) -> None:
        """Look at the next entry. After a gap, its seal is believed: what it follows is lost."""
        number, seal = entry.sealed_seq or 0, entry.seal or b""
        if number < 1:
            self.findings.add(MISPLACED, named(entry), expected="1 or more", found=number)
            return
        expected = {seal_of(entry, after=before) for before in self._before}
        if number > self.number + 1:
            self._miss(self.number + 1, number - 1)
        elif seal not in expected:
            self.findings.add(CHANGED, named(entry), expected=_hex(expected), found=seal.hex())
        # One wrong seal in a chain that goes on from the right one was changed alone.
        self._before = {seal, *expected}
        self.number, self.findings.seal = number, seal
        self.findings.entries += 1
        if seal == self.kept:
            self.kept = None

    def _miss(self, first: int, last: int) -> None:
        numbers = f"number {first}" if first == last else f"numbers {first} to {last}"
        self.findings.add(MISSING, numbers, expected=last - first + 1, found=0)

    def end(self, number: int, seal: bytes) -> None:
        """Compare with the head, which knows of entries that were cut off."""
        if number > self.number:
            self._miss(self.number + 1, number)
        elif number < self.number or seal not in self._before:
            found = f"{self.number} {self.findings.seal.hex()}"
            self.findings.add(HEAD, "the head", expected=f"{number} {seal.hex()}", found=found)
        if self.kept is not None:
            self.findings.add(NOT_IN_CHAIN, self.kept.hex(), expected=1, found=0)


def named(entry: AuditEntry) -> str:
    """Which entry it is, for those who look it up."""
    number = f"number {entry.sealed_seq}" if entry.sealed_seq is not None else "unsealed"
    return f"entry {entry.id} ({number}, {entry.action})"


async def _check_end(session: AsyncSession, chain: _Chain) -> None:
    head = await queries.find_head(session)
    if head is None:
        chain.findings.add(HEAD, "the head", expected=1, found=0)
    else:
        chain.end(head.sealed_seq, head.seal)


async def _check_waiting(session: AsyncSession, findings: TrailFindings) -> None:
    """Those without a seal: they are few, and young."""
    last = BEFORE_ALL_IDS
    while entries := await queries.waiting_entries(session, after=last, most=BATCH):
        if last == BEFORE_ALL_IDS and await queries.is_older(session, entries[0], SEALED_WITHIN):
            since = entries[0].recorded_at.isoformat()
            findings.add(
                UNSEALED, named(entries[0]), expected="a seal", found=f"none since {since}"
            )
        last = entries[-1].id
        await _check_contents(session, entries, findings)
        findings.entries += len(entries)
        session.expunge_all()


async def _check_contents(
    session: AsyncSession, entries: Sequence[AuditEntry], findings: TrailFindings
) -> None:
    erasers = {entry.erased_by for entry in entries if entry.erased_by}
    there = await queries.ids_there(session, erasers)
    for entry in entries:
        if entry.details is None:
            if entry.erased_by not in there or entry.erased_by <= entry.id:
                by = str(entry.erased_by)
                findings.add(ERASED, named(entry), expected="an entry", found=by)
        elif (found := digest(entry.details, salt=entry.salt or b"")) != entry.details_hash:
            expected = entry.details_hash.hex()
            findings.add(DETAILS, named(entry), expected=expected, found=found.hex())
    await _check_transfers(session, entries, findings)


async def _check_transfers(
    session: AsyncSession, entries: Sequence[AuditEntry], findings: TrailFindings
) -> None:
    """What was recorded when it was proposed is what the books have."""
    told = {id_: (entry, said) for entry in entries for id_, said in _proposed_in(entry)}
    there = await queries.transfers_there(session, told.keys())
    for id_, (entry, said) in told.items():
        found = there.get(id_)
        if found is None or said != (found[0], str(found[1]), str(found[2])):
            subject = f"transfer {id_}, {named(entry)}"
            findings.add(TRANSFER, subject, expected=_terms(said), found=_terms(found))


def _proposed_in(entry: AuditEntry) -> Iterator[tuple[UUID, tuple[object, ...]]]:
    for change in (entry.details or {}).get("changes", ()):
        fields = change["fields"]
        is_proposal = (change["record"], change["what"]) == (Transfer.__name__, CREATED)
        if is_proposal and fields.keys() >= set(TERMS):
            yield UUID(change["id"]), tuple(fields[name][1] for name in TERMS)


def _terms(terms: tuple[object, ...] | None) -> str:
    return "{} from {} to {}".format(*terms) if terms else "none"


async def _check_untold(session: AsyncSession, findings: TrailFindings) -> None:
    rows = await queries.untold_transfers(session, most=SHOWN_MAX, named_most=SUBJECTS_MAX)
    for row in rows:
        subject = f"transfer {row.id}, {row.name} at {row.moment.isoformat()}"
        findings.add(UNTOLD, subject, expected=1, found=0)


def _hex(seals: set[bytes]) -> str:
    return " or ".join(sorted(seal.hex() for seal in seals))
