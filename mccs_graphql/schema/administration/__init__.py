"""What admins ask and do: the shapes."""
