"""Results in, `go.Figure` out. Same module names as `dashboard.analysis`.

base     an empty figure with axes, lines, and what all figures share
curves   accuracy and loss over steps
parity   weights, their trajectories, and the mass on the digits that matter
"""
