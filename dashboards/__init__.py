"""The Grafana dashboards, made by `python -m dashboards`: panels, units and queries have their one home here."""
