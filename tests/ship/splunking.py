"""What a sender to Splunk is configured by."""

from __future__ import annotations

from typing import Any

from tailer.config import Config, SplunkOptions

TOKEN = "11111111-2222-3333-4444-555555555555"


def config(url: str, state_dir: str, **options: Any) -> Config:
    top = {name: options.pop(name) for name in ("fields", "privacy", "label") if name in options}
    options = {"batch_seconds": 0.02, "token": TOKEN, "host": "shop-1", **options}
    return Config(splunk_url=url, state_dir=state_dir, splunk=SplunkOptions(**options), **top)
