"""Tuning of trained models: full fine-tuning, adapters, and learning from feedback, sized by memory, time and cost."""
