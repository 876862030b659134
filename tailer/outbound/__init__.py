"""The way out over HTTP: one connection, its credentials and TLS, what an answer means, and how long to wait."""
