"""What a machine can do to a program: calls that fail by order, volumes that fill up and vanish."""
