"""What is made to be printed, in the language of who reads it."""
