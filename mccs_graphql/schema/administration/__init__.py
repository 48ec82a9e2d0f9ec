"""What admins see and send: one module for each subject."""
