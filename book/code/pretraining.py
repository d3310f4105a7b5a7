from analysis.figures import gaps
from analysis.networks import poem_models

line = "千山鳥飛絕，萬逕"
for kind in poem_models.KINDS:
    print(kind, poem_models.load(kind).mask(len(line)).astype(int), sep="\n")
chart = gaps.looks(line, start=4)
chart
