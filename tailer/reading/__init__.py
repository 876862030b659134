"""Chunks to readings: what one line says."""
