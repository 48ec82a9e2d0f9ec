"""What admins ask and do: root fields."""
