"""How to log in to the sample community; everybody in it has the same password."""

SAMPLE_PASSWORD = "bread-4-shelves"  # noqa: S105 - for everybody to read

# They have an open proposal each way: a bakery and a joinery.
SAMPLE_LOGINS = (
    ("marta@eskerford.example", SAMPLE_PASSWORD),
    ("ben@eskerford.example", SAMPLE_PASSWORD),
)
SAMPLE_ADMINS = (
    ("judith@eskerford.example", SAMPLE_PASSWORD),
    ("piotr@eskerford.example", SAMPLE_PASSWORD),
)
