"""How mails look: their templates and translations."""
