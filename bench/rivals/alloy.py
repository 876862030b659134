"""Grafana Alloy. Source: its reference of loki.source.file, loki.process and loki.write, and of `alloy run`."""

from __future__ import annotations

from bench.rivals.rival import Place, Rival, free_port

METER = """\
loki.process "meter" {
  forward_to = [loki.write.sink.receiver]
  stage.json {
    expressions = {
      "model"  = "response.model",
      "input"  = "response.usage.prompt_tokens",
      "output" = "response.usage.completion_tokens",
    }
  }
  stage.labels { values = { "model" = "model" } }
  stage.metrics {
    metric.counter {
      name      = "requests_total"
      match_all = true
      action    = "inc"
    }
    metric.counter {
      name   = "input_tokens_total"
      source = "input"
      action = "add"
    }
    metric.counter {
      name   = "output_tokens_total"
      source = "output"
      action = "add"
    }
  }
}
"""


def ship(place: Place, stages: str = "", receiver: str = "loki.write.sink.receiver") -> list[str]:
    """Tail and ship; with `stages` also do what they say."""
    config = f"""\
logging {{ level = "error" }}
loki.source.file "log" {{
  targets    = [{{ "__path__" = "{place.log}", "job" = "bench" }}]
  forward_to = [{receiver}]
}}
{stages}loki.write "sink" {{
  endpoint {{ url = "http://127.0.0.1:{place.http_port}/loki/api/v1/push" }}
}}
"""
    path = place.write("config.alloy", config)
    listen = f"--server.http.listen-addr=127.0.0.1:{free_port()}"
    return ["alloy", "run", f"--storage.path={place.directory}", listen, "--disable-reporting", path]


def meter(place: Place) -> list[str]:
    return ship(place, METER, "loki.process.meter.receiver")


RIVALS = (
    Rival("alloy, ship", "alloy", "tails, ships to Loki; counts nothing", ship),
    Rival("alloy, meter+ship", "alloy", "decodes, counts calls and tokens by model, ships to Loki", meter),
)
