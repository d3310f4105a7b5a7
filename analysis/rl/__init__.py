"""Reinforcement learning on answers that the model writes itself: rollout, scoring and update, sized by time and memory."""
