"""The audit trail: who changed what, recorded in the transaction that changed it."""
