"""What admins do: the rules."""
