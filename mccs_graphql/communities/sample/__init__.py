"""A sample community: the invented town of Eskerford, for demonstrations and for development."""

from mccs_graphql.communities.sample.loading import Summary, load, load_when_empty
from mccs_graphql.communities.sample.logins import SAMPLE_ADMINS, SAMPLE_LOGINS

__all__ = [
    "SAMPLE_ADMINS",
    "SAMPLE_LOGINS",
    "Summary",
    "load",
    "load_when_empty",
]
