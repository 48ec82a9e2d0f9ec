"""The communities of the original system, from its own seed files."""

from mccs_graphql.communities.original.importing import Overtaken, import_original
from mccs_graphql.communities.original.reading import Unreadable
from mccs_graphql.communities.original.report import Outcome, Report

__all__ = ["Outcome", "Overtaken", "Report", "Unreadable", "import_original"]
