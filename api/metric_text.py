"""Samples in the text format of Prometheus."""

from collections.abc import Iterable, Mapping

Sample = tuple[Mapping[str, str], float]


def family(name: str, kind: str, samples: Iterable[Sample]) -> list[str]:
    """Its lines; none where there is no sample. A histogram's samples have `le`, or `part` (`sum`, `count`)."""
    lines = []
    for labels, value in samples:
        shown = {label: text for label, text in labels.items() if label != "part"}
        end = f"_{labels['part']}" if "part" in labels else "_bucket" if kind == "histogram" else ""
        lines.append(f"secondseal_{name}{end}{_tag(shown)} {number(value)}")
    return [f"# TYPE secondseal_{name} {kind}", *lines] if lines else []


def number(value: float) -> str:
    """Whole numbers whole: a time in seconds has more digits than `%g` keeps."""
    return str(int(value)) if float(value).is_integer() else f"{value:.6f}"


def _tag(labels: Mapping[str, str]) -> str:
    """Values are quoted as the format wants it."""
    quoted = (
        '{}="{}"'.format(name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))
        for name, value in labels.items()
    )
    return "{" + ",".join(quoted) + "}" if labels else ""
