"""Further encoders after BERT: shared layers, relative positions, windows, rotary positions, adapters."""

from dataclasses import replace
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.blocks import ALL, FULL, LAYER_NORM, QKV, SLIDING, attention, decoder, dense, windows
from analysis.models.families.classic import bert, plain
from analysis.models.families.fields import MOST_LAYERS, Fields
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer, runs
from analysis.models.operation import Norm
from analysis.models.residuals import Matrices

RELATIVE = "products with relative positions"


def changed(made: Architecture, **changes: Any) -> Architecture:
    """Return `made` with each layer's fields changed."""
    return replace(made, layers=tuple((replace(layer, **changes), count) for layer, count in made.layers))


def narrow(f: Fields, width: int, *, places: bool = True, **changes: Any) -> Architecture:
    """BERT whose tokens, kinds and places have an embedding of `width`, normed, that a matrix widens."""
    extras = (("position embedding", f.whole("max_position_embeddings") * width),) if places else ()
    extras += (*changes.pop("extras", ()), ("embedding norm", 2 * width))
    return bert(f, learned_positions=0, embedding_norm=False, embedding_dim=width, embedding_projection_bias=True,
                extras=extras, **changes)  # fmt: skip


def albert(f: Fields) -> Architecture:
    """Layers that share their weights, by groups."""
    groups, within = f.whole("num_hidden_groups"), f.whole("inner_group_num", most=MOST_LAYERS)
    made = narrow(f, f.whole("embedding_size"))
    layer, count = made.layers[0]
    first = {index * groups // count: index for index in reversed(range(count))}
    listed = [replace(layer, repeated=first[index * groups // count] != index) for index in range(count) for _ in range(within)]
    if len(first) < groups:
        raise f.refuse("num_hidden_groups", f"= {groups} is more than the {count} layers")
    return replace(made, layers=runs(listed))


def big_bird(f: Fields) -> Architecture:
    """Sparse attention by blocks, counted as full attention."""
    if f.text("attention_type") == "block_sparse":
        f.uncounted.append("attention to few blocks (its work is counted as that of full attention)")
    biases = ALL if f.flag("use_bias") else frozenset({"output"})
    mixer = Attention(f.heads, f.heads, f.divided("num_attention_heads", f.d_model, f.heads), biases=biases)
    return bert(f, mixer=mixer)


def approximate(f: Fields) -> Architecture:
    """BERT with attention that is approximated (MRA, YOSO): two more places, no pooler."""
    f.uncounted.append("approximated attention (its work is counted as that of full attention)")
    return bert(f, learned_positions=f.whole("max_position_embeddings") + 2, pooler=False)


def nystromformer(f: Fields) -> Architecture:
    kernel = f.optional("conv_kernel_size") or 0
    made = approximate(f)
    return changed(made, extras=(("values' convolution", f.heads * kernel),)) if kernel else made


def layoutlm(f: Fields) -> Architecture:
    return bert(f, extras=(("places on the page", 4 * f.whole("max_2d_position_embeddings") * f.d_model),))


def longformer(f: Fields) -> Architecture:
    """A window in each layer, and further matrices of queries, keys and values for places that see all."""
    width, seen = f.d_model, f.value("attention_window")
    seen = seen if isinstance(seen, list) else [seen] * f.n_layers
    if len(seen) != f.n_layers:
        raise f.refuse("attention_window", f"has {len(seen)} entries, for {f.n_layers} layers")
    made = bert(f)
    layer = replace(made.layers[0][0], extras=(("projections of global places", 3 * (width * width + width)),))
    sizes = [f.whole_number("attention_window", window, 1) for window in seen]
    return replace(made, layers=runs([replace(layer, mixer=replace(layer.mixer, window=window)) for window in sizes]))


def luke(f: Fields) -> Architecture:
    """BERT with a vocabulary of entities; a pair of a word and an entity has queries of its own."""
    width, entity = f.d_model, f.optional("entity_emb_size", least=1) or f.d_model
    tables = f.whole("entity_vocab_size") * entity + (entity * width if entity != width else 0)
    places = (f.whole("max_position_embeddings") + f.whole("type_vocab_size", least=0) + 2) * width
    made = bert(f, extras=(("entity embeddings", tables), ("entities' places, kinds and norm", places)))
    aware = f.flag("use_entity_aware_attention")
    return changed(made, extras=(("queries of entities", 3 * (width * width + width)),)) if aware else made


def roc_bert(f: Fields) -> Architecture:
    """BERT that also reads how a character sounds and looks."""
    tables, inputs = [], f.d_model
    for sense, enabled in (("pronunciation", "enable_pronunciation"), ("shape", "enable_shape")):
        width = f.whole(f"{sense}_embed_dim")
        tables.append((f"{sense} embedding", f.whole(f"{sense}_vocab_size") * width))
        inputs += width * f.flag(enabled)
    joined = (("joined embeddings", inputs, f.d_model),) if f.flag("concat_input") else ()
    extras = (*tables, ("joined embeddings' bias", f.d_model)) if joined else tuple(tables)
    return bert(f, extras=extras, extra_matrices=joined)


def roformer(f: Fields) -> Architecture:
    """BERT with rotary positions, whose table transformers counts."""
    head_dim = f.divided("num_attention_heads", f.d_model, f.heads)
    table = (("rotary table", f.whole("max_position_embeddings") * head_dim),)
    width = f.optional("embedding_size", least=1) or f.d_model
    mixer = Attention(f.heads, f.heads, head_dim, biases=ALL, rotary=head_dim)
    ends = {"positions": "rotary", "pooler": False, "mixer": mixer, "extras": table}
    return bert(f, learned_positions=0, **ends) if width == f.d_model else narrow(f, width, places=False, **ends)


def xmod(f: Fields) -> Architecture:
    """BERT with an adapter for each language in each layer."""
    languages = f.items("languages", kind=str) or []
    inner = f.d_model // f.whole("adapter_reduction_factor")
    adapter = Matrices("language adapter", (("adapter down", f.d_model, inner), ("adapter up", inner, f.d_model)), True,
                       max(len(languages), 1))  # fmt: skip
    norm = (("adapter norm", 2 * f.d_model),) if f.flag("adapter_layer_norm") else ()
    return changed(bert(f, final_norm=f.flag("pre_norm")), beside=(adapter,), extras=norm)


def deberta(f: Fields) -> Architecture:
    """Scores by content and by relative position, whose products are not counted; no bias on keys."""
    return _deberta(f, QKV - {"key"} | {"output"}, {"c2p": 0, "p2c": 1})


def deberta_v2(f: Fields) -> Architecture:
    return _deberta(f, ALL, {} if f.flag("share_att_key") else {"c2p": 1, "p2c": 1})


def _deberta(f: Fields, biases: frozenset[str], projections: dict[str, int]) -> Architecture:
    """`projections`: by kind of score, whether its matrix has a bias."""
    width, embedding_width = f.d_model, f.optional("embedding_size", least=1) or f.d_model
    extras: list[tuple[str, int]] = []
    layer_extras: tuple[tuple[str, int], ...] = ()
    if f.flag("relative_attention"):
        f.uncounted.append(RELATIVE)
        reach = f.value("max_relative_positions")
        reach = f.whole("max_position_embeddings") if reach in (None, -1) else f.whole_number("max_relative_positions", reach, 1)
        buckets = f.value("position_buckets")
        rows = reach if buckets in (None, -1, 0) else f.whole_number("position_buckets", buckets, 1)
        extras.append(("relative positions", 2 * rows * width))
        listed = f.value("pos_att_type")
        kinds = listed.split("|") if isinstance(listed, str) else f.items("pos_att_type", kind=str) or []
        matrices = sum(width * width + width * bias for kind, bias in projections.items() if kind in kinds)
        layer_extras = (("projections of relative positions", matrices),) if matrices else ()
    if "layer_norm" in f.text("norm_rel_ebd"):
        extras.append(("norm of relative positions", 2 * width))
    if kernel := f.optional("conv_kernel_size") or 0:
        extras.append(("convolution after the first layer", width * width * kernel + 3 * width))
    mixer = Attention(f.heads, f.heads, f.divided("num_attention_heads", width, f.heads), biases=biases)
    places = f.whole("max_position_embeddings") if f.flag("position_biased_input") else 0
    kinds_of_token = f.optional("type_vocab_size") or 0
    if embedding_width != width:
        extras.append(("position embedding", places * embedding_width))
    made = bert(
        f, mixer=mixer, pooler=False, learned_positions=places if embedding_width == width else 0, token_types=kinds_of_token,
        embedding_dim=0 if embedding_width == width else embedding_width, extras=tuple(extras),
    )  # fmt: skip
    return changed(made, extras=layer_extras)


def esm(f: Fields) -> Architecture:
    """Proteins' amino acids, with norms before the parts."""
    learned = f.text("position_embedding_type") == "absolute"
    return bert(
        f, token_types=0, embedding_norm=f.flag("emb_layer_norm_before"), final_norm=True,
        learned_positions=f.whole("max_position_embeddings") if learned else 0, positions="learned" if learned else "rotary",
        extras=(("head of contacts", f.n_layers * f.heads + 1),),
    )  # fmt: skip


def esmc(f: Fields) -> Architecture:
    layer = Layer(attention(f, qk_norm="width", biases=frozenset()), dense(f), norm=LAYER_NORM)
    return decoder(f, lambda index: layer, kind="encoder", norm=Norm("layernorm"), unembedding=False)


def xlm(f: Fields) -> Architecture:
    """Norms after the parts; a vector for each language."""
    languages = f.optional("n_langs") or 0
    return plain(
        f, 4 * f.d_model, kind="encoder", positions="learned", learned_positions=f.whole("max_position_embeddings"),
        token_types=languages if languages > 1 and f.flag("use_lang_emb") else 0, embedding_norm=True, final_norm=False,
        unembedding=False,
    )  # fmt: skip


def fnet(f: Fields) -> Architecture:
    """Fourier transforms in place of attention: no weights."""
    f.uncounted.append("Fourier transforms (no weights)")
    layer = Layer(None, Dense(f.whole("intermediate_size"), gated=False, bias=True), 0, 2)
    return decoder(
        f, lambda index: layer, norm=LAYER_NORM, kind="encoder", positions="learned", unembedding=False, pooler=True,
        learned_positions=f.whole("max_position_embeddings"), token_types=f.whole("type_vocab_size", least=0),
        embedding_norm=True, final_norm=False, extras=(("projection of embeddings", f.d_model**2 + f.d_model),),
    )  # fmt: skip


def rotary_bert(f: Fields, mlp: Dense, *, bias: bool, pooler: bool, extras: tuple[tuple[str, int], ...] = ()) -> Architecture:
    """BERT with rotary positions and an MLP of its own."""
    mixer = attention(f, kv_heads=f.heads, biases=ALL if bias else frozenset())
    made = bert(f, mixer=mixer, learned_positions=0, positions="rotary", pooler=pooler)
    return changed(made, feed_forward=mlp, extras=extras)


def gte(f: Fields) -> Architecture:
    return rotary_bert(f, dense(f, bias=False), bias=True, pooler=False, extras=(("bias out of the MLP", f.d_model),))


def nomic_bert(f: Fields) -> Architecture:
    return rotary_bert(f, dense(f, bias=False), bias=False, pooler=False)


def jina_embeddings_v3(f: Fields) -> Architecture:
    return rotary_bert(f, Dense(f.whole("intermediate_size"), gated=False, bias=True), bias=True, pooler=True)


def ultrabert(f: Fields) -> Architecture:
    seen, mlp = windows(f), dense(f)
    return decoder(f, lambda index: Layer(attention(f, window=seen[index]), mlp), kind="encoder", unembedding=False)


def xlnet(f: Fields) -> Architecture:
    """Relative positions by a matrix in each layer (Transformer-XL); a vector for a masked token."""
    head_dim = f.divided("n_head", f.d_model, f.heads)
    mixer = Attention(f.heads, f.heads, head_dim, relative_projection=True)
    extras = (("biases of scores and segments", 5 * f.d_model),)
    layer = Layer(mixer, Dense(f.whole("d_inner"), gated=False, bias=True), extras=extras)
    return decoder(f, lambda index: layer, norm=LAYER_NORM, kind="encoder", positions="none", final_norm=False,
                   unembedding=False, extras=(("vector of a masked token", f.d_model),))  # fmt: skip


def convbert(f: Fields) -> Architecture:
    """Half of attention's output is a convolution's, whose kernel depends on the token."""
    width, embedding_width, kernel = f.d_model, f.whole("embedding_size"), f.whole("conv_kernel_size")
    if f.whole("num_groups") != 1:
        raise f.refuse("num_groups", "above 1 (MLPs of several blocks) is not described")
    heads = max(f.heads // f.whole("head_ratio"), 1)
    head_dim = f.divided("num_attention_heads", width, heads) // 2
    inner = heads * head_dim
    matrices = (
        ("convolution's keys", width, inner), ("kernels", inner, heads * kernel), ("convolution's values", width, inner),
        ("output of the convolution", width - inner, width),
    )  # fmt: skip
    # A kernel a channel before the keys, and the biases of the first three matrices.
    extras = (("kernels and biases of the convolution", width * kernel + 2 * inner + heads * kernel),)
    layer = Layer(Attention(heads, heads, head_dim, biases=ALL), Dense(f.whole("intermediate_size"), gated=False, bias=True),
                  beside=(Matrices("span-based convolution", matrices),), extras=extras)  # fmt: skip
    made = bert(f, pooler=False) if embedding_width == width else narrow(f, embedding_width, pooler=False)
    return replace(made, layers=((layer, f.n_layers),))


def text_tower(f: Fields) -> Architecture:
    """CLIP's text model: causal, norms before the parts."""
    return plain(f, f.whole("intermediate_size"), kind="encoder", positions="learned", unembedding=False,
                 learned_positions=f.whole("max_position_embeddings"))  # fmt: skip


def modernbert_decoder(f: Fields) -> Architecture:
    """ModernBERT that generates: a matrix and a norm before the head."""
    every = f.optional("global_attn_every_n_layers", least=1) or 3
    kinds = f.kinds("layer_types", known=(FULL, SLIDING))
    kinds = kinds or [SLIDING if index % every else FULL for index in range(f.n_layers)]
    window, mlp = f.whole("local_attention"), dense(f)
    norm = Norm("layernorm", bias=f.flag("norm_bias"))
    bias = f.flag("classifier_bias")
    extras = (("matrix and norm before the head", f.d_model**2 + f.d_model * bias + norm.parameters(f.d_model)),)

    def layer(index: int) -> Layer:
        return Layer(attention(f, window=0 if kinds[index] == FULL else window), mlp, 0 if index == 0 else 1, 1)

    return decoder(f, layer, norm=norm, embedding_norm=True, unembedding_bias=f.flag("decoder_bias"), extras=extras)


def tapas(f: Fields) -> Architecture:
    """BERT that reads tables: a kind of token in each of several ways."""
    ways = f.items("type_vocab_sizes", "type_vocab_size", kind=int) or []
    return bert(f, token_types=sum(ways))


READERS: dict[str, Any] = {
    "albert": albert,
    "big_bird": big_bird,
    "mra": approximate,
    "yoso": approximate,
    "nystromformer": nystromformer,
    "ibert": bert,
    "layoutlm": layoutlm,
    "longformer": longformer,
    "luke": luke,
    "roc_bert": roc_bert,
    "roformer": roformer,
    "xmod": xmod,
    "deberta": deberta,
    "deberta-v2": deberta_v2,
    "esm": esm,
    "esmc": esmc,
    "xlm": xlm,
    "flaubert": xlm,
    "fnet": fnet,
    "gte": gte,
    "nomic_bert": nomic_bert,
    "jina_embeddings_v3": jina_embeddings_v3,
    "ultrabert": ultrabert,
    "tapas": tapas,
    "xlnet": xlnet,
    "convbert": convbert,
    "clip_text_model": text_tower,
    "modernbert-decoder": modernbert_decoder,
}
