"""Who is let in: admins by their role, once they have the second factor that is asked of them."""

from uuid import uuid4

import pytest

from mccs_graphql.db.models import AdminRole, Role, User
from mccs_graphql.domain.access import (
    ADMINISTER,
    EDIT,
    GOVERN,
    INSPECT,
    MANAGE,
    MODERATE,
    READ,
    TRADE,
    Requirement,
)
from mccs_graphql.domain.errors import Forbidden
from mccs_graphql.domain.identity.viewer import SECOND_FACTOR_FIRST, Viewer, admit

ENTITY = uuid4()
POWERS = {
    AdminRole.AUDITOR: [INSPECT],
    AdminRole.MODERATOR: [INSPECT, MODERATE],
    AdminRole.ADMIN: [INSPECT, MODERATE, ADMINISTER],
    AdminRole.OWNER: [INSPECT, MODERATE, ADMINISTER, GOVERN],
}


def an_admin(role: AdminRole, *, lacks_second_factor: bool = False) -> Viewer:
    """One who is logged in."""
    return Viewer(
        User(id=uuid4()), uuid4(), admin_role=role, lacks_second_factor=lacks_second_factor
    )


def is_admitted(viewer: Viewer, requirement: Requirement) -> bool:
    try:
        admit(viewer, requirement)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize("role", AdminRole)
def test_admin_is_let_in_as_far_as_the_role_goes(role: AdminRole) -> None:
    everything = POWERS[AdminRole.OWNER]

    assert [each for each in everything if is_admitted(an_admin(role), each)] == POWERS[role]


def test_member_is_no_admin_whatever_the_role() -> None:
    owner = Viewer(User(id=uuid4()), uuid4(), {ENTITY: Role.OWNER})

    assert not [each for each in POWERS[AdminRole.OWNER] if is_admitted(owner, each)]


@pytest.mark.parametrize("role", AdminRole)
def test_admin_reads_what_is_private_and_acts_for_nobody(role: AdminRole) -> None:
    viewer = an_admin(role)

    assert viewer.may(READ, ENTITY)
    assert not [each for each in (EDIT, TRADE, MANAGE) if viewer.may(each, ENTITY)]


def test_admin_without_the_second_factor_is_told_and_has_no_powers() -> None:
    viewer = an_admin(AdminRole.OWNER, lacks_second_factor=True)

    with pytest.raises(Forbidden, match="beginSecondFactor") as told:
        admit(viewer, INSPECT)

    assert str(told.value) == SECOND_FACTOR_FIRST
    assert not viewer.may(READ, ENTITY)
