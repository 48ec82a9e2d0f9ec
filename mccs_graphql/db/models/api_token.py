"""What software agents are known by."""

from enum import StrEnum


class Scope(StrEnum):
    """What an API token may be used for."""

    READ = "READ"
    DIRECTORY = "DIRECTORY"
    TRANSFERS = "TRANSFERS"
