"""Side by side with the physical limit and the peers, in the same run: `python -m bench [--json FILE] [ROOM...]`.

Each room's module has `figures() -> Iterator[Figure]`. Absolute rates of a shared machine mean little; ratios of slices
measured in turn do.
"""
