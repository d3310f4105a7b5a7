"""What a training step and a pass of inference share: shapes, plans and software as arrays, links, caches, attention."""
