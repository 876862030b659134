"""mtail. Source: its language reference (docs/Language.md) and the help of the command."""

from __future__ import annotations

from bench.rivals.rival import Place, Rival

PROGRAM = r"""
counter requests_total by model
counter input_tokens_total by model
counter output_tokens_total by model

/"model":"(?P<model>[^"]+)","(choices|usage)":/ {
  requests_total[$model]++
  /"usage":\{"prompt_tokens":(?P<input>\d+)/ {
    input_tokens_total[$model] += $input
  }
  /"completion_tokens":(?P<output>\d+)/ {
    output_tokens_total[$model] += $output
  }
}
"""


def meter(place: Place) -> list[str]:
    """Reads the file to its end and counts by expressions that suit the corpora's order of members."""
    program = place.write("llm.mtail", PROGRAM)
    command = ["mtail", "--one_shot", "--one_shot_format=prometheus", "--progs", program, "--logs", place.log]
    return [*command, "--logtostderr", "--stderrthreshold=ERROR"]


RIVALS = (
    Rival("mtail, count", "mtail", "counts calls and tokens by model, by expressions; decodes and ships nothing",
          meter, "nothing"),
)  # fmt: skip
