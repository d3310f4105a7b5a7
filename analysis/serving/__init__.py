"""Serving a day's demand: queues, replicas, chips, and what a token costs."""
