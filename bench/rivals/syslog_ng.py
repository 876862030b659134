"""syslog-ng. Source: its administration guide: file source, json-parser, http destination."""

from __future__ import annotations

from bench.rivals.rival import MAX_LINE_BYTES, Place, Rival


def ship(place: Place) -> list[str]:
    """Tail, decode, send in batches as JSON: this version has no destination for Loki, and no counters by a member."""
    config = f"""\
@version: 3.35
options {{ log-msg-size({MAX_LINE_BYTES}); stats-freq(0); keep-hostname(yes); use-dns(no); }};
source s_lines {{
  file("{place.log}" flags(no-parse) follow-freq(1) log-fetch-limit(1000) log-iw-size(10000));
}};
parser p_decoded {{ json-parser(prefix(".llm.")); }};
destination d_sink {{
  http(
    url("http://127.0.0.1:{place.http_port}/")
    method("POST")
    headers("Content-Type: application/json")
    log-fifo-size(20000) batch-lines(1000) batch-bytes(1048576) batch-timeout(1000)
    body-prefix("[") delimiter(",") body-suffix("]")
    body('$(format-json line=$MESSAGE model="${{.llm.response.model}}")')
  );
}};
log {{
  source(s_lines);
  junction {{ channel {{ parser(p_decoded); flags(final); }}; channel {{ }}; }};
  destination(d_sink);
  flags(flow-control);
}};
"""
    own = [f"--{kind}={place.directory}/syslog-ng.{kind[:3]}" for kind in ("persist-file", "pidfile", "control")]
    return ["syslog-ng", "--foreground", "--no-caps", f"--cfgfile={place.write('syslog-ng.conf', config)}", *own]


RIVALS = (Rival("syslog-ng, ship", "syslog-ng", "decodes, posts lines and models as plain JSON; counts nothing", ship),)
