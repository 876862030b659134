"""Readings to counters."""
