"""Drills: what must not be lost or done twice when a part of the service is taken away while it works.

    python -m drill                 # all of them
    python -m drill hsm-away        # one

Each drill breaks something real (a process killed at each of its steps, a driver that crashes, a token unplugged), lets
the service go on by itself and then counts: `lost` is what was ordered and never answered, `doubled` what was answered
or sealed twice.
"""
