"""What providers say they billed: their exports read, their names matched with those of the logs. Pure."""
