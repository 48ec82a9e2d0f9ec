"""A GraphQL API for mutual credit communities."""
