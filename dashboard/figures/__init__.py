"""Results in, `go.Figure` out. Named after what they show.

base     an empty figure with axes, lines, and what all figures share
curves   accuracy and loss over steps
parity   weights, their trajectories, and the mass on the digits that matter
"""
