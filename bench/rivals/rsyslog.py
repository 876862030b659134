"""rsyslog. Source: its documentation of imfile, mmjsonparse, omfwd, impstats and dynamic statistics."""

from __future__ import annotations

from bench.rivals.rival import MAX_LINE_BYTES, Place, Rival


def ship(place: Place) -> list[str]:
    """Tail, decode, count lines by model, forward over TCP: it cannot add tokens up, and is seldom built for HTTP."""
    config = f"""\
global(workDirectory="{place.directory}" maxMessageSize="{MAX_LINE_BYTES}")
module(load="imfile")
module(load="mmjsonparse")
module(load="impstats" interval="1" format="json" log.syslog="off" log.file="{place.directory}/stats")
dyn_stats(name="requests")
template(name="line" type="string" string="%msg%\\n")
ruleset(name="llm") {{
  action(type="mmjsonparse" cookie="")
  set $.counted = dyn_inc("requests", $!response!model);
  action(type="omfwd" target="127.0.0.1" port="{place.tcp_port}" protocol="tcp" template="line")
}}
input(type="imfile" file="{place.log}" tag="llm" ruleset="llm")
"""
    path = place.write("rsyslog.conf", config)
    return ["rsyslogd", "-n", "-f", path, "-i", f"{place.directory}/rsyslog.pid"]


RIVALS = (
    Rival(
        "rsyslog, count+ship", "rsyslogd", "decodes, counts calls by model, forwards lines over plain TCP", ship, "tcp"
    ),
)
