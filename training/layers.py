"""How PyTorch's stock Transformer layers are named and laid out in `data/weights/`: rows times matrix."""

import torch
from torch import nn


def layer_arrays(layer: nn.Module) -> dict[str, torch.Tensor]:
    """Return views of the weights of an encoder or decoder `layer`, each by its name in NumPy's forward pass."""
    attentions = {"attention": layer.self_attn}
    norms = ["attention_norm", "mlp_norm"]
    if isinstance(layer, nn.TransformerDecoderLayer):
        attentions["cross_attention"] = layer.multihead_attn
        norms.insert(1, "cross_attention_norm")
    found = {}
    for name, module in attentions.items():
        for part, weight, bias in zip(
            ("query", "key", "value"), module.in_proj_weight.chunk(3), module.in_proj_bias.chunk(3), strict=True
        ):
            found |= {f"{name}.{part}.weight": weight.T, f"{name}.{part}.bias": bias}
        found |= {f"{name}.output.weight": module.out_proj.weight.T, f"{name}.output.bias": module.out_proj.bias}
    for name, linear in (("mlp.up", layer.linear1), ("mlp.down", layer.linear2)):
        found |= {f"{name}.weight": linear.weight.T, f"{name}.bias": linear.bias}
    for number, name in enumerate(norms, start=1):
        norm = getattr(layer, f"norm{number}")
        found |= {f"{name}.gain": norm.weight, f"{name}.bias": norm.bias}
    return found
