"""tokentail: exact LLM usage metrics from the logs an application already writes."""

__version__ = "0.1.0"
