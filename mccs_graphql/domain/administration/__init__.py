"""What admins do: one module for each subject."""
