"""The root fields, one module a subject, and the three roots they make up."""
