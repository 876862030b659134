"""Readings to Loki."""
