"""The providers' usage blocks, one module for each API."""
