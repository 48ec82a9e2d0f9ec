"""Which kinds of notice go which way, and what is so unless a user says otherwise."""

from mccs_graphql.db.models import Channel, MailKind, NoticeKind

ONLY_IN_APP = frozenset((NoticeKind.MATCH_FOUND,))
"""Matches go by mail once a day, together."""
ONLY_BY_MAIL = frozenset((NoticeKind.DAILY_MATCHES,))
MANDATORY_MAILS = frozenset(
    (
        *(NoticeKind.PASSWORD_CHANGED, NoticeKind.NEW_DEVICE),
        *(NoticeKind.SECOND_FACTOR_ON, NoticeKind.SECOND_FACTOR_OFF),
        *(NoticeKind.API_TOKEN_CREATED, NoticeKind.CONTACT),
        *(NoticeKind.TRANSFER_BY_ADMIN, NoticeKind.TRANSFER_CANCELLED_BY_ADMIN),
    )
)
"""By these somebody finds out who got into a login or an account; or they are the entity's own."""
_ABOUT = {kind.value: kind for kind in NoticeKind}


def channels_of(kind: NoticeKind) -> tuple[Channel, ...]:
    """The ways by which this kind can be told at all."""
    if kind in ONLY_IN_APP:
        return (Channel.IN_APP,)
    return (Channel.MAIL,) if kind in ONLY_BY_MAIL else tuple(Channel)


def is_default(kind: NoticeKind, channel: Channel) -> bool:
    """Whether it is told so to a user who has not chosen: all there is, until it is too much."""
    return channel in channels_of(kind)


def is_mandatory(kind: NoticeKind, channel: Channel) -> bool:
    """Whether nobody can turn it off."""
    return channel is Channel.MAIL and kind in MANDATORY_MAILS


def told_by(mail: MailKind) -> NoticeKind | None:
    """The kind of notice that a mail is about; None for one that somebody asked for."""
    return _ABOUT.get(mail.value)


def is_optional(mail: MailKind) -> bool:
    """Whether a user can turn off mails of this kind."""
    kind = told_by(mail)
    return kind is not None and not is_mandatory(kind, Channel.MAIL)
