"""Sweeps: many scenarios at once, on this machine or a cluster, of the estimate or of whole notebooks."""
