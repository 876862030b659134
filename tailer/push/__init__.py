"""Metrics to those who wait for them to be sent: OTLP and Prometheus remote write, from what a scrape would show."""
