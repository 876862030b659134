"""Vector. Source: its reference: file, remap, log_to_metric, loki, prometheus_exporter."""

from __future__ import annotations

from bench.rivals.rival import MAX_LINE_BYTES, Place, Rival, free_port


def meter(place: Place) -> list[str]:
    """Tail, decode, count by model, ship the line as it is."""
    config = f"""\
data_dir: {place.directory}
sources:
  log:
    type: file
    include: ["{place.log}"]
    read_from: beginning
    max_line_bytes: {MAX_LINE_BYTES}
transforms:
  decoded:
    type: remap
    inputs: [log]
    source: |
      parsed = parse_json(string!(.message)) ?? {{}}
      .model = to_string(parsed.response.model) ?? ""
      .input = to_int(parsed.response.usage.prompt_tokens) ?? 0
      .output = to_int(parsed.response.usage.completion_tokens) ?? 0
  counted:
    type: log_to_metric
    inputs: [decoded]
    metrics:
      - {{type: counter, name: requests_total, field: model, tags: {{model: "{{{{model}}}}"}}}}
      - {{type: counter, name: input_total, field: input, increment_by_value: true, tags: {{model: "{{{{model}}}}"}}}}
      - {{type: counter, name: output_total, field: output, increment_by_value: true, tags: {{model: "{{{{model}}}}"}}}}
sinks:
  scraped:
    type: prometheus_exporter
    inputs: [counted]
    address: 127.0.0.1:{free_port()}
  loki:
    type: loki
    inputs: [log]
    endpoint: http://127.0.0.1:{place.http_port}
    labels: {{job: bench}}
    encoding: {{codec: text}}
    compression: snappy
    healthcheck: {{enabled: false}}
"""
    return ["vector", "--quiet", "--config", place.write("vector.yaml", config)]


RIVALS = (Rival("vector, meter+ship", "vector", "decodes, counts calls and tokens by model, ships to Loki", meter),)
