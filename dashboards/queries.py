"""PromQL that more than one panel needs: selectors, rates, and counts that lose nothing. Draws nothing."""

from __future__ import annotations

RATE = "$__rate_interval"
RANGE = "$__range"

SIDECAR = 'job=~"$job",instance=~"$instance",namespace=~"$namespace"'
CALLS = f'{SIDECAR},provider=~"$provider",model=~"$model",$dimension=~"$value"'


def calls(name: str, *more: str) -> str:
    """A metric made of calls, as the variables of its dashboard choose it."""
    return f"{name}{{{','.join((CALLS, *more))}}}"


def sidecar(name: str, *more: str) -> str:
    """A metric of tokentail itself, as the variables choose it."""
    return f"{name}{{{','.join((SIDECAR, *more))}}}"


def total(vector: str, *by: str) -> str:
    return f"sum by ({', '.join(by)}) ({vector})" if by else f"sum({vector})"


def rate(selector: str, *by: str) -> str:
    return total(f"rate({selector}[{RATE}])", *by)


def increase(selector: str, *by: str, window: str = RANGE) -> str:
    """What was counted in the window; a series that begins within it loses what its first scrape already held."""
    return total(f"increase({selector}[{window}])", *by)


def counted(selector: str, *by: str, window: str = RANGE) -> str:
    """What was counted in the window, the first scrape of new series too: `increase` alone would leave that out.

    A series is new when it was not there in the hour before the window although its job was: else a young Prometheus,
    or one back from an outage, would take the total of years for today's.
    """
    there_before = f"max_over_time({selector}[1h] offset {window})"
    job_before = f"group by (job) (max_over_time(tokentail_read_bytes_total{{{SIDECAR}}}[1h] offset {window}))"
    born = f"min_over_time({selector}[{window}]) unless {there_before} and on (job) {job_before}"
    return total(
        f'label_replace(increase({selector}[{window}]), "part", "grown", "", "")'
        f' or label_replace({born}, "part", "born", "", "")',
        *by,
    )


def ratio(part: str, whole: str) -> str:
    """No value instead of a division by zero."""
    return f"{part} / ({whole} > 0)"


def or_zero(vector: str, there: str) -> str:
    """`vector`, or 0 while nothing of it has been counted; still nothing when `there` is missing altogether."""
    return f"{vector} or on () 0 * {there}"


def named_zero(vector: str, label: str, there: str) -> str:
    """`vector` by `label`; a line at 0 called `none` while it has no series."""
    return f'{vector} or on () label_replace(0 * sum({there}), "{label}", "none", "", "")'


def quantile(share: float, bucket: str, *by: str) -> str:
    """No value where nothing was observed: NaN would blank the whole panel."""
    return f"histogram_quantile({share:g}, {rate(bucket, 'le', *by)}) >= 0"


def mean(histogram: str, chosen: str, *by: str, window: str = RATE) -> str:
    """The average of a histogram's observations; `chosen` is what stands in its braces."""
    sums, counts = (f"{total(f'rate({histogram}_{part}{{{chosen}}}[{window}])', *by)}" for part in ("sum", "count"))
    return ratio(sums, counts)


def named(vector: str) -> str:
    """`vector` by the chosen dimension, where calls without one are called `none`."""
    return f'label_replace({vector}, "$dimension", "none", "$dimension", "^$")'
