"""What clients see: types, inputs, results, scalars and connections."""

from mccs_graphql.schema.enums import register_enums

register_enums()  # before the first type refers to one
