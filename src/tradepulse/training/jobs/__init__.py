"""Training that outlives its process: jobs claimed with a lease, run, paused, taken up again."""
