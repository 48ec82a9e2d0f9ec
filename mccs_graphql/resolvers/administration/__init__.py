"""Root fields for admins: one module for each subject."""
