"""What a recorded training shows, in numbers. Arrays in, frozen results out.

curves   times and phases read off accuracy and loss, for any task
parity   what the weights of a sparse-parity network hold
measure  the summary that is saved with a run
stored   in which precision weights are kept, and the loss that they give
"""
