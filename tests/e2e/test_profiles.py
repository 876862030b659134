"""Several profiles at once on one log, through a kill, and profiles that come and go over restarts."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.e2e.exact import check_counters
from tests.e2e.process import Samples, fallen, running, total
from tests.e2e.writer import Writer

EVERY = [part for name in ("openai_mixin", "prom_client", "scanium", "otel", "llm") for part in ("--profile", name)]


def series(samples: Samples) -> Samples:
    """What the profiles show, tokentail's own metrics and the limits that expire aside."""
    return {key: value for key, value in samples.items() if not key[0].startswith(("tokentail_", "process_"))}


async def test_all_profiles_tell_of_the_same_calls_before_and_after_a_kill(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(5))
    writer.write(400)
    writer.answer_all()
    async with running(tmp_path, str(writer.path), *EVERY) as tailer:
        before = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
        await tailer.kill()
    check_counters(before, writer)
    assert total(before, "openai_api_requests_total") == total(before, "openai_requests_total") == writer.calls
    assert total(before, "openai_api_tokens_total", type="input") == writer.input_tokens
    assert total(before, "openai_tokens_total", token_type="total") == writer.input_tokens + writer.output_tokens
    assert total(before, "gen_ai_client_inference_usage_output_tokens_total") == writer.output_tokens
    assert total(before, "gen_ai_client_token_usage_sum", gen_ai_token_type="input") == writer.input_tokens
    for name in ("openai_api_request_duration_ms", "openai_request_duration_seconds"):
        assert total(before, f"{name}_count") == writer.timed
    async with running(tmp_path, str(writer.path), *EVERY) as tailer:
        assert series(await tailer.scrape()) == series(before)


async def test_a_profile_can_come_and_go_without_a_count_lost(tmp_path: Path) -> None:
    writer = Writer(tmp_path, Random(6))
    seen: Samples = {}
    for arguments in ([], EVERY, ["--profile", "llm"], EVERY):
        writer.write(60)
        writer.answer_all()
        async with running(tmp_path, str(writer.path), *arguments) as tailer:
            samples = await tailer.scraped(lambda it: total(it, "tokentail_lag_bytes") == 0)
            await tailer.kill()
        check_counters(samples, writer)
        llm = {key: value for key, value in samples.items() if key[0].startswith("llm_")}
        assert fallen(seen, llm) == {}
        seen = llm
    assert total(samples, "openai_api_requests_total") == writer.calls
