"""How fast Nabij is, as ratios to a bare Django app measured in the same run on the same machine.

`make bench` prints; nothing here is a test. The machines are noisy: read medians of ratios, not seconds.
"""
