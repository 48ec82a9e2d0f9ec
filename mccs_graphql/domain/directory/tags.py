"""Tags: the one form in which words for goods and services are kept and compared."""

import unicodedata

from mccs_graphql.db.models.directory import TAG_MAX

_WORD_CATEGORIES = {"L", "M", "N"}
_GAP_CATEGORIES = {"Pc", "Pd", "Zs", "Zl", "Zp"}


def parse_tag(text: str) -> str:
    """The form of ``text`` that is kept. Raises ValueError with words for the client."""
    tag = normal_tag(text)
    if not tag:
        raise ValueError("has no letter or digit")
    if len(tag) > TAG_MAX:
        raise ValueError(f"has {len(tag)} characters, more than {TAG_MAX}")
    return tag


def normal_tag(text: str) -> str:
    """``"3D  Printing"`` is ``"3d-printing"``; empty when there is no letter or digit in it.

    Letters, marks and digits of any script stay, white space and underscores become one dash, all
    other punctuation goes. The form of a form is itself.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    spaced = "".join(_kept(character) for character in unicodedata.normalize("NFKC", folded))
    words = [word for word in spaced.split() if any(map(str.isalnum, word))]
    return unicodedata.normalize("NFC", "-".join(words))


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in _WORD_CATEGORIES:
        return character
    return " " if category in _GAP_CATEGORIES or character.isspace() else ""
