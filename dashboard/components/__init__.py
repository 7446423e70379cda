"""Reused pieces of pages.

chart         a chart with its caption, downloads and text alternative
step          the step bar, play links, and what the browser needs to move the cursor
run_picker    choosing the run a page shows; its config, summary, command, downloads
citations     references, citations and footnotes
published     published numbers that several pages stand beside ours
job_views     the live view of a job, the table of all, the estimate of a new one
config_form   a form from a task's declared fields
text          icons, current theme, prose helpers
"""
