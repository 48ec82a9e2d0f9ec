"""Who belongs to an entity, as what: inviting, joining, founding, leaving."""
