"""What is decided: the rules, by subject. Functions take a session first and never commit."""
