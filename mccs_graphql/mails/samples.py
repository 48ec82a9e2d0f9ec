"""Mails to look at, of each kind, with facts made up."""

from collections.abc import Mapping
from datetime import timedelta

from mccs_graphql.db.models import MailKind

_TOKEN = "Vb7d0m1Zk3sQ8yJ2tq5uWcXg4hL6nRaE9fOiPwTx_sY"  # noqa: S105 - made up
_WITH_TOKEN: Mapping[str, object] = {"token": _TOKEN, "new_email": "marta@bakery.example"}

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
}
