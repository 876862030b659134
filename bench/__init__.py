"""The budgets, measured: `python -m bench`. No part of the distribution."""
