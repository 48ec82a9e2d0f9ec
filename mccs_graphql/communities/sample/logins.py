"""How to log in to the sample community; everybody in it has the same password."""

from mccs_graphql.db.models import AdminRole

SAMPLE_PASSWORD = "bread-4-shelves"  # noqa: S105 - for everybody to read

# They have an open proposal each way: a bakery and a joinery.
SAMPLE_LOGINS = (
    ("marta@eskerford.example", SAMPLE_PASSWORD),
    ("ben@eskerford.example", SAMPLE_PASSWORD),
)
SAMPLE_ADMINS = (
    ("judith@eskerford.example", SAMPLE_PASSWORD, AdminRole.OWNER),
    ("piotr@eskerford.example", SAMPLE_PASSWORD, AdminRole.ADMIN),
    ("thandi@eskerford.example", SAMPLE_PASSWORD, AdminRole.MODERATOR),
    ("ulla@eskerford.example", SAMPLE_PASSWORD, AdminRole.AUDITOR),
)
