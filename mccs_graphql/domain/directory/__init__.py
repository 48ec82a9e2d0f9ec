"""What the directory lists: entities under headings, with what they offer and want."""
