"""Long runs: what must hold after a hundred thousand times as after the first. `python -m soak [--short] [ROOM...]`.

Each room's module has `findings(size, say) -> Iterator[Finding]`. A whole run's results are kept in docs/measurements.
"""
