"""A large invented community, of as many members as one likes, to try things on."""

from mccs_graphql.communities.large.loading import ENTITIES_MAX, Summary, load_large
from mccs_graphql.communities.large.steps import Progress
from mccs_graphql.communities.large.tidying import tidy

__all__ = ["ENTITIES_MAX", "Progress", "Summary", "load_large", "tidy"]
