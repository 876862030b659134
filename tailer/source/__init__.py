"""Files to chunks of whole lines."""
