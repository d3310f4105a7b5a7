// A config.json read in the page, as analysis/models/families reads the usual decoders; what is not described here is refused.
function modelOfFile(text, name, data) {
  "use strict";
  const MOST_BYTES = 1e6, MOST = 1e9, own = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
  const shown = (value) => { const written = JSON.stringify(value) ?? String(value); return written.length > 60 ? `${written.slice(0, 57)}...` : written; };
  const refuse = (why) => { throw new Error(`${name}: ${why}`); };
  if (text.length > MOST_BYTES) refuse(`has ${text.length.toLocaleString("en-US")} characters; a config.json has at most a million`);
  let config;
  try { config = JSON.parse(text); } catch { refuse("is not JSON, or is nested too deep"); }
  if (config === null || typeof config !== "object" || Array.isArray(config)) refuse("holds no object, so it is no config.json");
  const type = own(config, "model_type") ? config.model_type : undefined, known = Object.keys(data.defaults);
  if (typeof type !== "string" || !known.includes(type)) {
    refuse(`model_type = ${shown(type)} is not read in the page, which reads ${known.join(", ")}; python -m analysis model reads more`);
  }
  const usual = data.defaults[type];
  const value = (...names) => {
    for (const source of [config, usual]) for (const key of names) if (own(source, key)) return source[key];
    return null;
  };
  const checked = (key, given, least) => {
    if (!Number.isInteger(given)) refuse(`${key} = ${shown(given)} is not a whole number`);
    if (given < least || given > MOST) refuse(`${key} = ${shown(given)} is not between ${least} and ${MOST.toLocaleString("en-US")}`);
    return given;
  };
  const optional = (key, least = 0) => { const given = value(key); return given === null ? 0 : checked(key, given, least); };
  const whole = (names, least = 1) => {
    const keys = [names].flat(), given = value(...keys) ?? keys.map((key) => usual[key]).find((one) => one !== null && one !== undefined);
    return given === undefined ? refuse(`${keys[0]} is not given, and leaves the shape open`) : checked(keys[0], given, least);
  };
  const flag = (key) => {
    const given = value(key) ?? false;
    return [true, false, 0, 1].includes(given) ? Boolean(given) : refuse(`${key} = ${shown(given)} is not true or false`);
  };
  // What would make layers differ from each other in a way that is not read here.
  const plain = (key, isPlain) => { const given = value(key); if (given !== null && !isPlain(given)) refuse(`${key} = ${shown(given)} is not read in the page`); };
  plain("layer_types", (kinds) => Array.isArray(kinds) && kinds.every((kind) => kind === "full_attention"));
  plain("use_sliding_window", (used) => used === false);
  plain("mlp_only_layers", (layers) => Array.isArray(layers) && layers.length === 0);
  plain("decoder_sparse_step", (step) => step === 1);
  plain("mlp_layer_types", () => false);
  const latent = type.startsWith("deepseek"), routed = latent || ["mixtral", "qwen3_moe"].includes(type);
  if (latent) plain("attention_bias", (bias) => bias === false);

  const width = whole("hidden_size"), layers = whole("num_hidden_layers"), heads = whole("num_attention_heads");
  if (layers > 10_000) refuse(`num_hidden_layers = ${layers} is not between 1 and 10,000`);
  const vocabulary = whole("vocab_size"), tied = flag("tie_word_embeddings"), shape = {};
  let kvHeads = optional("num_key_value_heads", 1) || heads, dim = optional("head_dim", 1), valueDim;
  let attention, norms, biases = 0;
  if (latent) {
    const [kvRank, nope, rope] = [whole("kv_lora_rank"), whole("qk_nope_head_dim"), whole("qk_rope_head_dim", 0)];
    let rank = optional("q_lora_rank");
    dim = nope + rope; valueDim = whole("v_head_dim"); kvHeads = heads;
    const query = heads * dim;
    if (type === "deepseek_v2" && !own(config, "q_lora_rank") && rank * (width + query) > width * query) rank = 0;
    Object.assign(shape, {latent: 1, q_lora_rank: rank, kv_lora_rank: kvRank, qk_nope_dim: nope, qk_rope_dim: rope});
    attention = (rank ? width * rank + rank * query : width * query) + width * (kvRank + rope);
    attention += kvRank * heads * (nope + valueDim) + heads * valueDim * width;
    norms = rank + kvRank;
  } else {
    if (heads % kvHeads) refuse(`num_key_value_heads = ${kvHeads} does not divide the ${heads} heads`);
    if (!dim && width % heads) refuse(`num_attention_heads = ${heads} does not divide the width ${width}`);
    dim ||= width / heads; valueDim = dim;
    const made = (heads + 2 * kvHeads) * dim;
    attention = width * made + heads * dim * width;
    norms = {qwen3: 2 * dim, qwen3_moe: 2 * dim, olmo2: (heads + kvHeads) * dim}[type] ?? 0;
    if (["mistral", "mixtral"].includes(type)) {
      const window = optional("sliding_window");
      if (window) Object.assign(shape, {sliding_window: window, n_windowed_layers: layers});
    } else biases = type === "qwen2" ? made : flag("attention_bias") ? made + width : 0;
  }
  const first = routed ? (latent ? Math.min(optional("first_k_dense_replace"), layers) : 0) : layers, expertLayers = layers - first;
  const dense = first ? whole("intermediate_size") : 0, inner = first && flag("mlp_bias") ? 2 * dense + width : 0;
  let experts = 0, active = 0;
  if (routed) {
    const [all, each] = [whole(["n_routed_experts", "num_local_experts", "num_experts"]), whole("num_experts_per_tok")];
    const size = whole(["moe_intermediate_size", "intermediate_size"]), shared = type === "qwen3_moe" ? 0 : optional("n_shared_experts");
    const groups = optional("n_group");
    if (each > all) refuse(`num_experts_per_tok = ${each} is more than the ${all} experts`);
    if (expertLayers) Object.assign(shape, {n_experts: all, experts_per_token: each, n_shared_experts: shared, d_ff_expert: size, n_expert_layers: expertLayers});
    if (expertLayers && groups > 1) Object.assign(shape, {expert_groups: groups, groups_per_token: optional("topk_group")});
    const corrected = type === "deepseek_v3" || (latent && value("topk_method") === "noaux_tc") ? all : 0;
    const always = width * all + corrected + 3 * width * shared * size;
    experts = expertLayers * (always + 3 * width * size * all);
    active = expertLayers * (always + 3 * width * size * each);
  }
  const rest = layers * (attention + norms + biases + 2 * width) + first * (3 * width * dense + inner) + width + vocabulary * width * (tied ? 1 : 2);
  Object.assign(shape, {
    n_layers: layers, d_model: width, n_heads: heads, n_kv_heads: kvHeads, query_key_dim: dim, value_dim: valueDim, d_ff: dense,
    mlp_inputs: 2, vocab_size: vocabulary, tied_embeddings: Number(tied), expert_dim: width, n_mixer_layers: layers,
    n_dense_layers: first, caches: 1,
  });
  return {
    name, layers, heads, kvHeads, experts: shape.n_experts ?? 0, longest: 0, parameters: rest + experts, active: rest + active,
    kinds: [data.fields.shape.map((field) => shape[field] ?? 0)],
  };
}
