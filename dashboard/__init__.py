"""Watch small neural networks grok, and see what information they use.

Values flow one way, and imports point the other way, only downwards:

    tasks ─► training ─► run on disk ─► analysis ─► figures ─► pages ─► browser

    tasks/         what is learned: a frozen config declared field by field, data, initial weights, grids
    runs/          finished runs, sweeps and job folders; the only place that touches the disk
    analysis/      arrays in, numbers out: times, phases, sparsity, waves, information
    models.py      the networks, as ensembles with hand-written gradients (torch)
    training/      the loop, AdamW, the engines for bits and for pairs of numbers, a session from job to run, sweeps
    randomness.py  the one source of random numbers: a stream for every seed, purpose and step
    recipes.py     the runs that are shipped, and how each is trained
    levels.py      the levels of compression of an information bottleneck's run
    jobs/          the one door from the web process to training: queue, worker, limits
    theme.py       colours by role, a light and a dark chart template
    figures/       numbers in, plotly figures out
    components/    reused pieces of pages: chart card, step cursor, run picker, form, formulas, sweeps, citations
    pages/         one module per page: PATH, NAME, ids, layout, callbacks
    shell.py       the frame around every page; first_paint.py, what it shows before scripts run
    api.py         runs over HTTP: files, and weights as typed arrays; sweep_api.py, sweeps
    security.py    headers, limits, the shared secret; callback_guard.py, forged requests
    background.py  where background callbacks keep their results
    app.py         wiring only
    measuring.py   summaries of stored runs, computed again
    cli.py         the command line: serve, train, sweep, pretrain, measure, runs

torch and numba are imported below `models.py` and `training/` only: the process that serves
pages never loads them. What the browser does by itself is in `assets/js`.
"""
