"""Language models from GPT-1 on: their releases, sizes, answers and tasks, from published tables."""
