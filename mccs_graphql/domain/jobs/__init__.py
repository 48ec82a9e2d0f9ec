"""Jobs: what is done by the clock, by one process however many there are."""
