"""The one page that the links of mails lead to on this server."""

from mccs_graphql.db.models import NoticeKind
from mccs_graphql.mails.wording import environment
from mccs_graphql.settings import Language


def unsubscribe_page(kind: NoticeKind | None, *, done: bool, language: Language, house: str) -> str:
    """Asks whether mails of a kind are to be turned off, or says that they are.

    Without a kind it says that the link is no good.
    """
    template = environment(language, html=True).get_template("unsubscribe.html")
    return template.render(kind=kind.value if kind else None, done=done, house=house)
