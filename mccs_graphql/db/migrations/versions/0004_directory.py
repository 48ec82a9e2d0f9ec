"""The directory finds entities by words, tags, headings and places, in the order people expect."""
# ruff: noqa: S608 - every word of the SQL is written here

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# How texts are compared: without letter case, accents and apostrophes. Written in SQL so that
# whoever writes a name, what it is found by follows. The short way is for plain ASCII.
FOLDED = r"""
CREATE FUNCTION folded(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE
    WHEN octet_length(value) = length(value) THEN replace(lower(value), '''', '')
    ELSE replace(replace(replace(replace(translate(lower(
        regexp_replace(normalize(value, NFKD), '[\u0300-\u036f''\u2019]+', '', 'g')
    ), 'øłđħıŧ', 'oldhit'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
END
"""
SPACED = r"""
CREATE FUNCTION spaced(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN btrim(regexp_replace(
    folded(value),
    '[\s\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u3004\u3008-\u303f]+',
    ' ', 'g'))
"""
# Longer words are cut: an index has no room for them.
WORDS_OF = r"""
CREATE FUNCTION words_of(value text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN string_to_array(NULLIF(
    regexp_replace(spaced(value), '(\S{40})\S+', '\1', 'g'), ''), ' ')
"""
# Numbers count as numbers: each is filled up with zeros to ten digits.
SORT_KEY = r"""
CREATE FUNCTION sort_key(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN left(regexp_replace(
    regexp_replace(spaced(value), '(\d+)', '000000000\1', 'g'),
    '\d*(\d{10})(?!\d)', '\1', 'g'), 500)
"""
SLUG_OF = """
CREATE FUNCTION slug_of(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN left(replace(spaced(value), ' ', '-'), 100)
"""
# Three letters in a row, of each word with two blanks before and one behind it.
GRAMS_OF = """
CREATE FUNCTION grams_of(value text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(
    SELECT DISTINCT substr('  ' || word || ' ', place, 3)
      FROM unnest(words_of(value)) AS word, generate_series(1, length(word) + 1) AS place
)
"""
TERMS_OF = """
CREATE FUNCTION terms_of(name text, description text, city text, region text, country text)
RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(
    SELECT 'name:' || word FROM unnest(words_of(name)) AS word
    UNION SELECT 'text:' || word FROM unnest(words_of(name || ' ' || description)) AS word
    UNION SELECT kind || ':' || spaced(place)
      FROM (VALUES ('city', city), ('region', region), ('country', country)) AS places (kind, place)
     WHERE place <> ''
)
"""
IS_LISTED = """
CREATE FUNCTION is_listed(status text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN status IN ('accepted', 'tradingPending', 'tradingAccepted', 'tradingRejected')
"""

# Copies of an entity's place in the directory, so that a tag's entities are read in their order.
# The lock keeps the entity as it was read until the copy is committed.
FILL_LISTING = """
CREATE FUNCTION fill_listing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT sort_name, listed INTO NEW.sort_name, NEW.listed
      FROM entities WHERE id = NEW.entity_id FOR SHARE;
    RETURN NEW;
END $$
"""
FOLLOW_ENTITY = """
CREATE FUNCTION follow_entity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE entity_tags SET sort_name = NEW.sort_name, listed = NEW.listed
     WHERE entity_id = NEW.id;
    UPDATE entity_categories SET sort_name = NEW.sort_name, listed = NEW.listed
     WHERE entity_id = NEW.id;
    RETURN NULL;
END $$
"""
# In one order everywhere, so that two who write the same words never wait for each other in a
# circle.
NOTE_WORDS = """
CREATE FUNCTION note_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO words (word)
    SELECT word COLLATE "C"
      FROM (SELECT DISTINCT unnest(words_of(name || ' ' || description)) AS word FROM new_rows) AS w
     WHERE NOT EXISTS (SELECT FROM words WHERE words.word = w.word COLLATE "C")
     ORDER BY 1
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""
# Counts are kept as a ledger of changes: nobody waits for anybody, and their sum is exact.
COUNT_LISTINGS = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO listing_counts (kind, subject_id, entities)
        SELECT {kind}, {subject}, count(*) FROM new_rows WHERE listed GROUP BY 1, 2;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO listing_counts (kind, subject_id, entities)
        SELECT {kind}, {subject}, -count(*) FROM old_rows WHERE listed GROUP BY 1, 2;
    ELSE
        INSERT INTO listing_counts (kind, subject_id, entities)
        SELECT kind, subject, sum(change)
          FROM (SELECT {kind} AS kind, {subject} AS subject, 1 AS change FROM new_rows WHERE listed
                UNION ALL
                SELECT {kind}, {subject}, -1 FROM old_rows WHERE listed) AS changes
         GROUP BY 1, 2 HAVING sum(change) <> 0;
    END IF;
    RETURN NULL;
END $$
"""
COUNTED = (
    ("entities", "'entity'", "CAST('00000000-0000-0000-0000-000000000000' AS uuid)"),
    ("entity_tags", "kind", "tag_id"),
    ("entity_categories", "'category'", "category_id"),
)
TRANSITIONS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def upgrade() -> None:
    """Derived columns, their indexes, and the triggers that keep copies and counts true."""
    for function in (FOLDED, SPACED, WORDS_OF, SORT_KEY, SLUG_OF, GRAMS_OF, TERMS_OF, IS_LISTED):
        op.execute(function)
    _add_words()
    _add_to_entities()
    _add_to_tags()
    _add_to_categories()
    _add_copies()
    _add_counts()


def _add_words() -> None:
    op.create_table(
        "words",
        sa.Column("word", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "grams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("grams_of(word)", persisted=True),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_words")),
    )
    _add_gin("words", "grams")
    op.execute(NOTE_WORDS)
    for operation in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER entities_words_{operation.lower()} AFTER {operation} ON entities "
            "REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION note_words()"
        )
    op.execute(
        "INSERT INTO words (word) SELECT DISTINCT unnest(words_of(name || ' ' || description)) "
        "FROM entities"
    )


def _add_to_entities() -> None:
    op.drop_index("ix_entities_listed", table_name="entities")
    op.drop_column("entities", "sort_name")
    for name in ("show_telephone", "show_declared_turnover"):
        op.add_column(
            "entities", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.add_column("entities", _sort_name())
    op.add_column(
        "entities",
        sa.Column(
            "listed",
            sa.Boolean(),
            sa.Computed("is_listed(status)", persisted=True),
            nullable=False,
        ),
    )
    op.add_column(
        "entities",
        sa.Column(
            "terms",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("terms_of(name, description, city, region, country)", persisted=True),
            nullable=False,
        ),
    )
    for name, columns in (("listed", ["sort_name", "id"]), ("newest", ["created_at", "id"])):
        op.create_index(
            f"ix_entities_{name}", "entities", columns, postgresql_where=sa.text("listed")
        )
    _add_gin("entities", "terms", where="listed")
    # The planner has to know which words are common: those it does not know it takes for rare.
    op.execute("ALTER TABLE entities ALTER COLUMN terms SET STATISTICS 1000")


def _add_to_tags() -> None:
    for name, of, kind in (
        ("folded", "folded(name)", sa.Text()),
        ("grams", "grams_of(name)", postgresql.ARRAY(sa.Text())),
    ):
        op.add_column(
            "tags", sa.Column(name, kind, sa.Computed(of, persisted=True), nullable=False)
        )
    _add_gin("tags", "grams")


def _add_to_categories() -> None:
    slug = sa.Column(
        "slug",
        sa.String(length=100, collation="C"),
        sa.Computed("slug_of(name)", persisted=True),
        nullable=False,
    )
    op.add_column("categories", slug)
    op.add_column("categories", _sort_name())
    op.create_unique_constraint(op.f("uq_categories_slug"), "categories", ["slug"])
    op.create_check_constraint(op.f("ck_categories_slug"), "categories", "slug <> ''")
    op.create_index("ix_categories_sort_name", "categories", ["sort_name", "id"], unique=False)


def _add_copies() -> None:
    op.execute(FILL_LISTING)
    op.execute(FOLLOW_ENTITY)
    for table in ("entity_tags", "entity_categories"):
        op.add_column(
            table,
            sa.Column(
                "sort_name",
                sa.String(length=500, collation="C"),
                server_default=sa.text("''"),
                nullable=False,
            ),
        )
        op.add_column(
            table, sa.Column("listed", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        op.execute(
            f"UPDATE {table} SET sort_name = entities.sort_name, listed = entities.listed "
            "FROM entities WHERE entities.id = entity_id"
        )
        op.execute(
            f"CREATE TRIGGER {table}_listing BEFORE INSERT ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION fill_listing()"
        )
    op.execute(
        "CREATE TRIGGER entities_listings AFTER UPDATE ON entities FOR EACH ROW "
        "WHEN ((OLD.sort_name, OLD.listed) IS DISTINCT FROM (NEW.sort_name, NEW.listed)) "
        "EXECUTE FUNCTION follow_entity()"
    )
    op.drop_index("ix_entity_tags_tag_id", table_name="entity_tags")
    op.create_index(
        "ix_entity_tags_listing",
        "entity_tags",
        ["tag_id", "kind", "listed", "sort_name", "entity_id"],
        unique=False,
        postgresql_include=["created_at"],
    )
    op.drop_index("ix_entity_categories_category_id", table_name="entity_categories")
    op.create_index(
        "ix_entity_categories_listing",
        "entity_categories",
        ["category_id", "listed", "sort_name", "entity_id"],
        unique=False,
    )


def _add_counts() -> None:
    op.create_table(
        "listing_counts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "offer",
                "want",
                "category",
                "entity",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=31,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("entities", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_counts")),
    )
    op.create_index(
        "ix_listing_counts_subject", "listing_counts", ["subject_id", "kind"], unique=False
    )
    for table, kind, subject in COUNTED:
        function = f"count_{table}"
        op.execute(COUNT_LISTINGS.format(name=function, kind=kind, subject=subject))
        for operation, transition in TRANSITIONS.items():
            op.execute(
                f"CREATE TRIGGER {table}_counted_{operation.lower()} AFTER {operation} ON {table} "
                f"REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
        op.execute(
            "INSERT INTO listing_counts (kind, subject_id, entities) "
            f"SELECT {kind}, {subject}, count(*) FROM {table} WHERE listed GROUP BY 1, 2"
        )


def _sort_name() -> sa.Column[str]:
    return sa.Column(
        "sort_name",
        sa.String(length=500, collation="C"),
        sa.Computed("sort_key(name)", persisted=True),
        nullable=False,
    )


def _add_gin(table: str, column: str, *, where: str | None = None) -> None:
    """An index for arrays. Without a pending list, which every search would have to read."""
    op.create_index(
        f"ix_{table}_{column}",
        table,
        [column],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=sa.text(where) if where else None,
    )
