from analysis.figures import next_token
from analysis.networks import sampling

logits, characters = sampling.next_logits("一片孤")
drawn = sampling.probabilities(logits, temperature=1.0, k=50, p=0.9)
for place in drawn.argsort()[::-1][:5]:
    print(characters[place], f"{drawn[place]:.1%}")
chart = next_token.candidates(logits, characters, "一片孤")
chart
