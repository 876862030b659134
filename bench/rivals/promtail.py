"""Promtail. Source: Loki's documentation, send-data/promtail: configuration, stages json, labels, metrics."""

from __future__ import annotations

from bench.rivals.rival import Place, Rival

STAGES = """
      - json:
          expressions: {model: response.model, input: response.usage.prompt_tokens,
                        output: response.usage.completion_tokens}
      - labels: {model: }
      - metrics:
          requests_total: {type: Counter, description: calls, config: {match_all: true, action: inc}}
          input_tokens_total: {type: Counter, description: input, source: input, config: {action: add}}
          output_tokens_total: {type: Counter, description: output, source: output, config: {action: add}}
"""


def ship(place: Place, stages: str = "[]") -> list[str]:
    """Tail and ship; with `stages` also do what they say."""
    config = f"""\
server: {{http_listen_port: 0, grpc_listen_port: 0, log_level: error}}
positions: {{filename: {place.directory}/positions.yaml}}
clients: [{{url: "http://127.0.0.1:{place.http_port}/loki/api/v1/push"}}]
scrape_configs:
  - job_name: bench
    static_configs: [{{targets: [localhost], labels: {{job: bench, __path__: "{place.log}"}}}}]
    pipeline_stages: {stages}
"""
    return ["promtail", f"-config.file={place.write('promtail.yaml', config)}"]


def meter(place: Place) -> list[str]:
    return ship(place, STAGES)


RIVALS = (
    Rival("promtail, ship", "promtail", "tails, ships to Loki; counts nothing", ship),
    Rival("promtail, meter+ship", "promtail", "decodes, counts calls and tokens by model, ships to Loki", meter),
)
