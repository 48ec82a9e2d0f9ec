"""Mails to look at, of each kind, with facts made up."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from mccs_graphql.db.models import MailKind

_TOKEN = "Vb7d0m1Zk3sQ8yJ2tq5uWcXg4hL6nRaE9fOiPwTx_sY"  # noqa: S105 - made up
_WITH_TOKEN: Mapping[str, object] = {"token": _TOKEN, "new_email": "marta@bakery.example"}
_MOMENT = datetime(2031, 5, 14, 9, 30, tzinfo=UTC)
_ENTITY: Mapping[str, object] = {
    "entity": "Marta's Mill Bakery",
    "entity_id": "ent_AaICcs8jdreCman05373wA",
}
_TRANSFER: Mapping[str, object] = {
    "transfer_id": "tfr_AaICcs8jdreCman05373wA",
    "amount": 125_000,
    "payer": "Hartigan Joinery",
    "payee": "Marta's Mill Bakery",
    "pays": True,
    "description": "Rolls for a week",
    "moment": _MOMENT,
}
_DECIDED = {**_TRANSFER, "proposed": True, "reason": None, "system_reason": None}

SAMPLES: Mapping[MailKind, Mapping[str, object]] = {
    MailKind.CONTACT: {
        "sender_name": "Hartigan Joinery",
        "sender_id": "ent_AaICcs8jdreCman05373wA",
        "receiver_name": "Marta's Mill Bakery",
        "body": "Do you bake on Mondays?\nWe need forty rolls a week.\n\nNiamh",
    },
    MailKind.EMAIL_VERIFICATION: {**_WITH_TOKEN, "lifetime": timedelta(days=3)},
    MailKind.PASSWORD_RESET: {**_WITH_TOKEN, "lifetime": timedelta(hours=1)},
    MailKind.EMAIL_CHANGE: {**_WITH_TOKEN, "lifetime": timedelta(days=1)},
    MailKind.EMAIL_CHANGE_NOTICE: {**_WITH_TOKEN, "lifetime": timedelta(days=1)},
    MailKind.TRANSFER_BY_ADMIN: {
        **_TRANSFER,
        "reason": "The payment of 3 May went to the wrong bakery.",
        "is_reversal": False,
    },
    MailKind.TRANSFER_CANCELLED_BY_ADMIN: {
        **_TRANSFER,
        "reason": "The joinery asked us to, as it cannot log in.",
    },
    MailKind.TRANSFER_PROPOSED: {**_TRANSFER, "pays": False, "proposed": False},
    MailKind.TRANSFER_COMPLETED: {**_DECIDED, "reason": None},
    MailKind.TRANSFER_REJECTED: {**_DECIDED, "reason": "We have baked for the week already."},
    MailKind.TRANSFER_CANCELLED: {**_DECIDED, "system_reason": "payerCreditLimit"},
    MailKind.LIMITS_CHANGED: {
        **_ENTITY,
        "negative_before": 50_000,
        "positive_before": 50_000,
        "negative": 100_000,
        "positive": 75_000,
        "reason": "A year of good trade.",
        "moment": _MOMENT,
    },
    MailKind.ENTITY_STATUS: {
        **_ENTITY,
        "before": "tradingPending",
        "status": "tradingAccepted",
        "message": "Welcome!\nYour first market is on Saturday.",
        "moment": _MOMENT,
    },
    MailKind.INVITATION: {
        **_ENTITY,
        "token": _TOKEN,
        "inviter": "Marta Quill",
        "role": "TRADER",
        "message": "Would you look after our orders?\nIt is an hour a week.",
        "good_until": _MOMENT,
    },
    MailKind.MEMBER_JOINED: {
        **_ENTITY,
        "person": "Niamh Hartigan (niamh@joinery.example)",
        "role": "TRADER",
    },
    MailKind.MEMBER_REMOVED: {**_ENTITY, "remover": "Marta Quill"},
    MailKind.ROLE_CHANGED: {**_ENTITY, "changer": "Marta Quill", "role": "EDITOR"},
    MailKind.API_TOKEN_CREATED: {
        **_ENTITY,
        "person": "Marta Quill (marta@bakery.example)",
        "name": "Till",
        "scopes": "READ, TRANSFERS",
        "moment": _MOMENT,
        "good_until": _MOMENT + timedelta(days=90),
    },
    MailKind.DAILY_MATCHES: {
        "count": 23,
        "groups": [
            {
                **_ENTITY,
                "matches": [
                    {
                        "entity": "Hartigan Joinery",
                        "entity_id": "ent_AaICcs8jdreCman05373wB",
                        "offers": True,
                        "tag": "shelves",
                        "own": "shelf",
                    },
                    {
                        "entity": "The Blue Door Café",
                        "entity_id": "ent_AaICcs8jdreCman05373wC",
                        "offers": False,
                        "tag": "rolls",
                        "own": "rolls",
                    },
                ],
                "more": 21,
            }
        ],
    },
    MailKind.BOOKS_CHECK_FAILED: {
        "moment": _MOMENT,
        "count": 21,
        "differences": [
            {
                "what": "A balance is not the sum of its postings",
                "subject": "1234567890123452",
                "expected": 1000,
                "found": 1001,
            }
        ],
    },
    MailKind.PASSWORD_CHANGED: {"moment": _MOMENT, "address": "192.0.2.17"},
    MailKind.NEW_DEVICE: {
        "moment": _MOMENT,
        "address": "192.0.2.17",
        "device": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    },
    MailKind.SECOND_FACTOR_ON: {"moment": _MOMENT},
    MailKind.SECOND_FACTOR_OFF: {"moment": _MOMENT, "by_community": True},
}
