"""Telling the software of integrators what happens to an entity."""
