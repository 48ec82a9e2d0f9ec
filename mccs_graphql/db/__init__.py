"""What is remembered: mapped models, named queries, migrations."""
