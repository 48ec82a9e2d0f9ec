"""How members are reached: the forms of e-mail, telephone and web addresses."""

from collections.abc import Iterator

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

from mccs_graphql.db.models.entity import WEBSITE_MAX
from mccs_graphql.db.models.user import EMAIL_MAX, TELEPHONE_MAX
from mccs_graphql.domain import text
from mccs_graphql.domain.errors import Problem

_URL = TypeAdapter(AnyHttpUrl)
_INTERNATIONAL = phonenumbers.PhoneNumberFormat.INTERNATIONAL


def normal_email(address: str) -> str:
    """The address in its normal form; letters keep their case, comparing is the database's job.

    Raises EmailNotValidError.
    """
    return validate_email(address, check_deliverability=False, test_environment=True).normalized


def wire_email(address: str) -> str:
    """The address as mail servers take it, in ASCII unless its part before the @ has other letters.

    Raises EmailNotValidError.
    """
    found = validate_email(address, check_deliverability=False, test_environment=True)
    return found.ascii_email or found.normalized


def email_problems(path: str, address: str) -> Iterator[Problem]:
    """What keeps ``address`` from being an e-mail address."""
    found = tuple(text.problems_of(path, address, most=EMAIL_MAX))
    yield from found
    if not found:
        try:
            yield from text.problems_of(path, normal_email(address), most=EMAIL_MAX)
        except EmailNotValidError as error:
            yield Problem((path,), "NOT_AN_EMAIL_ADDRESS", str(error))


def normal_telephone(number: str, *, region: str) -> str:
    """``"020 7946 0958"`` in the region GB is ``"+44 20 7946 0958"``. Raises ValueError.

    A number without a country code is one of ``region``, a code of two letters.
    """
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException as error:
        raise ValueError(str(error)) from error
    if not phonenumbers.is_valid_number(parsed):
        raise ValueError("nobody can have this number")
    return phonenumbers.format_number(parsed, _INTERNATIONAL)


def telephone_problems(path: str, number: str, *, region: str) -> Iterator[Problem]:
    """What keeps ``number`` from being a telephone number that can be called."""
    found = tuple(text.problems_of(path, number, most=TELEPHONE_MAX))
    yield from found
    if not found:
        try:
            normal = normal_telephone(number, region=region)
            yield from text.problems_of(path, normal, most=TELEPHONE_MAX)
        except ValueError:
            message = (
                f"A number of {region}, or one with its country code, such as +44 20 7946 0958."
            )
            yield Problem((path,), "NOT_A_TELEPHONE_NUMBER", message)


def website_problems(path: str, address: str) -> Iterator[Problem]:
    """What keeps ``address`` from being a page's on the web."""
    found = tuple(text.problems_of(path, address, most=WEBSITE_MAX))
    yield from found
    if not found and not _is_website(address):
        message = "An address that begins with http:// or https://, without a user's name in it."
        yield Problem((path,), "NOT_A_WEB_ADDRESS", message)


def _is_website(address: str) -> bool:
    # A parser of URLs drops line breaks and escapes spaces: what it takes is not yet what was said.
    if not address.isprintable() or " " in address:
        return False
    try:
        url = _URL.validate_python(address)
    except ValidationError:
        return False
    return url.username is None and url.password is None
