from analysis.figures import explored as figures
from analysis.networks import explored, translator

sentence = "sixty-five thousand two hundred and ninety-one"
weights = explored.explored(sentence)  # every head's weights, and the translation without it
written = translator.text(translator.translate(sentence))
spoilt = weights[weights["without"] != written].drop_duplicates(["part", "layer", "head"])
print(written, spoilt[["part", "layer", "head", "without"]], sep="\n")
chart = figures.by_token(weights, written, start=("cross", 3, 4))
chart
