"""Writing a completed transfer into the books."""

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Account, Posting, Transfer


def post(session: AsyncSession, transfer: Transfer, *, payer: Account, payee: Account) -> None:
    """Debit the payer, credit the payee; both rows must be locked, the limits checked."""
    session.add(_line(payer, transfer, amount=-transfer.amount))
    session.add(_line(payee, transfer, amount=transfer.amount))


def _line(account: Account, transfer: Transfer, *, amount: int) -> Posting:
    account.balance += amount
    account.posting_count += 1
    return Posting(
        entity_id=account.entity_id,
        number=account.posting_count,
        transfer_id=transfer.id,
        amount=amount,
        balance_after=account.balance,
    )
