from analysis.figures import analogies
from analysis.networks import word_vectors

vectors = word_vectors.load()
chart = analogies.plane(vectors, "man", "woman", "king")
chart
