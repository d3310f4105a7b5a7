"""What builds, estimates, sweeps and pages cost: `python -m benchmarks.NAME`."""
