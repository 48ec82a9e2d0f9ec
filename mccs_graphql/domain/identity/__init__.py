"""Who someone is: users, sessions, memberships."""
