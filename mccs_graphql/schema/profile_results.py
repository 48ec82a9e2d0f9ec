"""What the profile mutations take and lead to."""

from dataclasses import fields
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import entity as entities
from mccs_graphql.db.models.directory import TAG_MAX, TAGS_MAX
from mccs_graphql.db.models.user import EMAIL_MAX, PERSON_NAME_MAX, TELEPHONE_MAX
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.patches import Patch
from mccs_graphql.domain.quantities import BigInt
from mccs_graphql.schema.access import access
from mccs_graphql.schema.entity import INC_TYPE, Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.refusals import ApplicationNotPossible, EntityChanged, InvalidInput
from mccs_graphql.schema.user import User
from mccs_graphql.settings import Language

_TELEPHONE = (
    "An international number, or one of the community's region; kept in the international form. "
    f"At most {TELEPHONE_MAX} characters."
)
_PLACE = f"At most {entities.PLACE_MAX} characters."
_TAGS = (
    f"The whole list, at most {TAGS_MAX} words of at most {TAG_MAX} characters; words that come to "
    "the same tag count once."
)


@strawberry.input(description="What is to change.")
class PatchInput:
    def to_patch(self) -> Patch:
        """The fields that were sent; null clears."""
        sent = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: of.value for name, of in sent.items() if isinstance(of, strawberry.Some)}


@strawberry.input(description="Which entity, as which version.")
class EntityVersionInput(PatchInput):
    entity_id: strawberry.ID = strawberry.field(description="The entity you act for.")
    expected_version: int = strawberry.field(
        description="Its `version` when you read it: nothing is changed if it is another by now."
    )

    @property
    def id(self) -> UUID:
        """The id as the domain takes it."""
        return id_of(IdPrefix.ENTITY, self.entity_id)


@strawberry.input(
    description="What is to change of an entity: null clears a field, an absent one stays as it is."
)
class UpdateEntityInput(EntityVersionInput):
    name: strawberry.Maybe[str | None] = strawberry.field(
        description=f"1 to {entities.ENTITY_NAME_MAX} characters; cannot be cleared."
    )
    email: strawberry.Maybe[str | None] = strawberry.field(
        description="Where others write to, shown to those who trade once it does; at most "
        f"{EMAIL_MAX} characters."
    )
    telephone: strawberry.Maybe[str | None] = strawberry.field(description=_TELEPHONE)
    inc_type: strawberry.Maybe[str | None] = strawberry.field(description=INC_TYPE)
    company_number: strawberry.Maybe[str | None] = strawberry.field(
        description=f"In the public register; at most {entities.COMPANY_NUMBER_MAX} characters."
    )
    website: strawberry.Maybe[str | None] = strawberry.field(
        description=f"With http:// or https://; at most {entities.WEBSITE_MAX} characters."
    )
    declared_turnover: strawberry.Maybe[BigInt | None] = strawberry.field(
        description=f"A year's, in whole units of ordinary money; 0 to {entities.TURNOVER_MAX}."
    )
    description: strawberry.Maybe[str | None] = strawberry.field(
        description=f"What it does; at most {entities.DESCRIPTION_MAX} characters."
    )
    address: strawberry.Maybe[str | None] = strawberry.field(
        description=f"House and street; at most {entities.ADDRESS_MAX} characters."
    )
    city: strawberry.Maybe[str | None] = strawberry.field(description=_PLACE)
    region: strawberry.Maybe[str | None] = strawberry.field(description=_PLACE)
    postal_code: strawberry.Maybe[str | None] = strawberry.field(
        description=f"At most {entities.POSTAL_CODE_MAX} characters."
    )
    country: strawberry.Maybe[str | None] = strawberry.field(description=_PLACE)
    show_telephone: strawberry.Maybe[bool | None] = strawberry.field(
        description="Whether to show the telephone number to everybody; cleared means no."
    )
    show_declared_turnover: strawberry.Maybe[bool | None] = strawberry.field(
        description="Whether to show the turnover to everybody; cleared means no."
    )
    show_tags_matched_since_last_login: strawberry.Maybe[bool | None] = strawberry.field(
        description="Whether to point out new matches at log-in; cleared means no."
    )
    receive_daily_match_notification_email: strawberry.Maybe[bool | None] = strawberry.field(
        description="Whether to send new matches by mail, daily; cleared means no."
    )
    offers: strawberry.Maybe[list[str] | None] = strawberry.field(description=_TAGS)
    wants: strawberry.Maybe[list[str] | None] = strawberry.field(description=_TAGS)


@strawberry.input(
    description="What is to change of yourself: null clears a field, an absent one stays as it is."
)
class UpdateUserInput(PatchInput):
    first_name: strawberry.Maybe[str | None] = strawberry.field(
        description=f"At most {PERSON_NAME_MAX} characters."
    )
    last_name: strawberry.Maybe[str | None] = strawberry.field(
        description=f"At most {PERSON_NAME_MAX} characters."
    )
    telephone: strawberry.Maybe[str | None] = strawberry.field(description=_TELEPHONE)
    language: strawberry.Maybe[Language | None] = strawberry.field(
        description="What mails to you are written in; cleared means the community's language."
    )


@strawberry.input(
    description="An application for trading. Everything is needed, but what the profiles of the "
    "entity and of yourself say already may be absent; what is sent is kept there."
)
class ApplyForTradingInput(EntityVersionInput):
    inc_type: strawberry.Maybe[str | None] = strawberry.field(description=INC_TYPE)
    description: strawberry.Maybe[str | None] = strawberry.field(
        description=f"What the entity does; at most {entities.DESCRIPTION_MAX} characters."
    )
    address: strawberry.Maybe[str | None] = strawberry.field(
        description=f"House and street; at most {entities.ADDRESS_MAX} characters."
    )
    city: strawberry.Maybe[str | None] = strawberry.field(description=_PLACE)
    region: strawberry.Maybe[str | None] = strawberry.field(description=_PLACE)
    postal_code: strawberry.Maybe[str | None] = strawberry.field(
        description=f"At most {entities.POSTAL_CODE_MAX} characters."
    )
    country: strawberry.Maybe[str | None] = strawberry.field(description=_PLACE)
    first_name: strawberry.Maybe[str | None] = strawberry.field(
        description=f"Yours; at most {PERSON_NAME_MAX} characters."
    )
    last_name: strawberry.Maybe[str | None] = strawberry.field(
        description=f"Yours; at most {PERSON_NAME_MAX} characters."
    )
    telephone: strawberry.Maybe[str | None] = strawberry.field(description=f"Yours. {_TELEPHONE}")


@strawberry.type(description="The entity, as the mutation left it.", directives=[access(HOLDER)])
class EntityPayload:
    entity: Entity = strawberry.field(description="The entity.")


@strawberry.type(description="The user, as the mutation left them.", directives=[access(HOLDER)])
class UserPayload:
    user: User = strawberry.field(description="The user.")


@strawberry.type(
    description="The application has been made; an admin decides.", directives=[access(HOLDER)]
)
class ApplyForTradingPayload(EntityPayload, UserPayload):
    pass


UpdateEntityResult = Annotated[
    EntityPayload | EntityChanged | InvalidInput,
    strawberry.union("UpdateEntityResult", description="What `updateEntity` leads to."),
]
UpdateUserResult = Annotated[
    UserPayload | InvalidInput,
    strawberry.union("UpdateUserResult", description="What `updateUser` leads to."),
]
ApplyForTradingResult = Annotated[
    ApplyForTradingPayload | ApplicationNotPossible | EntityChanged | InvalidInput,
    strawberry.union("ApplyForTradingResult", description="What `applyForTrading` leads to."),
]
