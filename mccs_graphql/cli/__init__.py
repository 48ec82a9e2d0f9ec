"""The command line: ``mccs``."""

from importlib import import_module

import click

COMMANDS = {
    "serve": "Serve the API, with a PostgreSQL and a Redis of its own if need be.",
    "worker": "Keep house beside `serve`: send mails, do jobs, prove the books every hour.",
    "demo": "Propose, hear it live, accept, and check the books; nothing is kept.",
    "check-books": "Prove the books and the audit trail; exit with 1 if anything differs.",
    "export-audit": "Write the audit trail as a table for spreadsheets (CSV).",
    "statistics": "Print the community in figures; nobody is recognised in them.",
    "seed": "Load the sample community, or a large one, into an empty database.",
    "import-original": "Import the seed files of the original system.",
    "create-admin": "Make an admin: the first one, who is an owner, or another.",
    "jobs": "List what is done by the clock, with the last run and the next one.",
    "mails": "Count the mails of the outbox, list those that failed, have them tried again.",
    "mailbox": "Read the mails that stayed on this machine.",
    "mail-preview": "Write each kind of mail into a folder, to look at.",
    "rotate-keys": "Sign access tokens with a new key; nobody is logged out.",
    "reset-second-factor": "Let one who lost app and codes log in with the password alone.",
    "migrate": "Bring the database to the newest schema.",
    "schema": "Print the GraphQL schema, write it to its file or compare it with that.",
}


class LazyGroup(click.Group):
    """Imports a command when it is run, so that ``mccs --help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"mccs_graphql.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup)
@click.version_option(package_name="mccs-graphql")
def main() -> None:
    """A GraphQL API for mutual credit communities."""
