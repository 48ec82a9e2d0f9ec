"""Run the command line: ``python -m mccs_graphql``."""

from mccs_graphql.cli import main

main()
