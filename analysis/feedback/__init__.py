"""Learning from human feedback in miniature: demonstrations, a reward model from comparisons, reinforcement learning on it."""
