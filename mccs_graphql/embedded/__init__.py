"""A real PostgreSQL and a real Redis for a machine that has neither."""

from mccs_graphql.embedded.errors import EmbeddedServerError
from mccs_graphql.embedded.folders import default_folder
from mccs_graphql.embedded.servers import Servers, database_in_use, servers

__all__ = ["EmbeddedServerError", "Servers", "database_in_use", "default_folder", "servers"]
