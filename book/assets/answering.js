// How fast a model answers, as analysis/inference predicts it: the deployments of analysis/serving/serving_plans.py, each with
// every number of requests at once that fits. Waiting for others, which analysis/serving/serving_queue.py has, is left out.
function answering(functions, data) {
  "use strict";
  const {rules} = data, sum = (values) => values.reduce((total, value) => total + value, 0);

  // Parameters on one chip of a pipeline stage: divided by tensor parallelism, of experts, and on every chip.
  function held({layers, held: {first, last, kinds, runs, tied}}, tensor, pipeline, stage) {
    const each = runs.flatMap(([kind, repeats]) => Array(repeats).fill(kinds[kind]));
    const starts = (chunk) => chunk * Math.floor(layers / pipeline) + Math.min(chunk, layers % pipeline);
    const mine = each.slice(starts(stage), starts(stage + 1)), copies = Math.log2(tensor);
    const rows = mine.map(([split, experts, copied, ...more]) => [split + (copies ? more[copies - 1] : 0), experts, copied]);
    if (stage === 0) rows.push(first);
    if (stage === pipeline - 1) rows.push(pipeline === 1 ? [last[0] - tied, last[1], last[2]] : last);
    const [split, experts, copied] = [0, 1, 2].map((place) => sum(rows.map((row) => row[place])));
    return {dense: split / tensor + copied, experts};
  }
  // Bytes of weights on one chip of the fullest stage; embeddings and the product with the vocabulary stay in 16 bits.
  function weights(model, {tensor, pipeline, data: groups, expert}, [bytes, denseBytes]) {
    const [vocabulary, width, tiedHead] = model.ends, slots = model.experts ? Math.ceil(model.experts / expert) * expert / model.experts : 0;
    const stages = [...new Set([0, pipeline - 1])].map((stage) => {
      const {dense, experts} = held(model, tensor, pipeline, stage), last = stage === pipeline - 1;
      const ends = vocabulary * width / tensor * (Number(stage === 0) + Number(last && !(tiedHead && pipeline === 1)));
      return Math.max(dense - ends, 0) * denseBytes + 2 * ends + slots * experts / (tensor * groups) * bytes;
    });
    return Math.max(...stages);
  }
  // The deployments that are tried: those that divide the model and whose weights fit.
  function* plans({model, machine, bytes}) {
    const usual = rules.stages.flatMap((pipeline) => rules.tensors.map((tensor) => ({tensor, pipeline, data: 1, expert: 1})));
    const spread = model.experts ? rules.groups.map((groups) => ({tensor: 1, pipeline: 1, data: groups, expert: groups})) : [];
    for (const plan of [...usual, ...spread]) {
      const {tensor, pipeline, data: groups} = plan, {heads, kvHeads, layers} = model;
      if (tensor * pipeline * groups > rules.mostServed || heads % tensor || (kvHeads % tensor && tensor % kvHeads)) continue;
      if (pipeline > layers && pipeline !== layers + 2) continue;
      const onOne = weights(model, plan, bytes);
      if (onOne <= machine.memory_bytes) yield {...plan, chips: tensor * pipeline * groups, onOne};
    }
  }

  // What a request asks: the largest batch that keeps the time per token, of each deployment, and the curves behind it.
  function serve(request) {
    const {model, chip, weights: format, prompt, answer, tpot} = request, named = (names, values) => Object.fromEntries(names.map((name, at) => [name, values[at]]));
    if (!model.held) throw new Error(`${model.name}: how fast it answers is told of the library's models alone.`);
    if (model.context && prompt + answer > model.context) throw new Error(`${model.name} can attend to ${model.context} tokens, prompt and answer together.`);
    const served = chip.serving[format];
    const compute = chip.machine[served.compute], machine = named(data.fields.machine, compute);
    const [bytes, narrow] = [served.bytes, model.experts && served.experts ? 2 : served.bytes], kinds = model.kinds.length;
    const made = functions[`serving${kinds}`], values = {
      weight_bytes: bytes, dense_bytes: narrow, cache_bytes: 2, widened: Number(served.widened), context_length: model.context ?? Infinity,
      draft_tokens: 0, acceptance: 0, software_year: rules.servedYear, tensorrt_llm: 0, vllm: 1, sglang: 0, pytorch: 0,
    };
    const fixed = made.fixed.map((name) => (name.startsWith("case.") ? values[name.slice(5)] : null));
    let place = fixed.indexOf(null);
    for (const value of [...compute, ...model.kinds.flat()]) {
      while (fixed[place] !== null) place += 1;
      fixed[place] = value;
    }
    const pass = made(fixed), context = prompt + answer / 2, length = prompt + answer, [slower, width] = chip.slower, found = [];
    const unsure = model.kinds.some((kind) => kind.at(-1) > 0) ? Math.max(width, rules.unmeasuredServing) : width;
    for (const plan of plans({model, machine, bytes: [bytes, narrow]})) {
      const fields = [plan.tensor, plan.pipeline, 1, plan.data, 1, plan.expert, 0, 0, 0, 0, 1, plan.onOne];
      const at = (tokens, batch, size, read) => named(made.outputs, pass([tokens, batch, size, read, length, ...fields]));
      const seconds = (batch) => slower * at(0, batch, context, context).seconds;
      const largest = at(0, 1, context, context).largest_batch;
      if (largest < 1) continue;
      let [low, high] = [0, largest]; // the most requests that keep the time, by halves
      if (seconds(largest) <= tpot) low = largest;
      while (low < largest && high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (seconds(middle) <= tpot) low = middle; else high = middle;
      }
      const grid = [...new Set(Array.from({length: 24}, (_, n) => Math.round(largest ** (n / 23))))];
      const passes = Math.max(1, prompt / plan.data / rules.chunk);
      const curve = grid.map((batch) => ({batch, seconds: seconds(batch), speed: batch / seconds(batch) / plan.chips}));
      const parts = low ? at(0, low, context, context) : null;
      found.push({
        plan, largest, batch: low, curve, weights: plan.onOne, cached: low / plan.data * at(0, 1, context, context).request_bytes,
        seconds: low ? seconds(low) : seconds(1), speed: low ? low / seconds(low) / plan.chips : 0,
        first: slower * passes * at(prompt / passes, 0, prompt, prompt).seconds,
        parts: parts && Object.fromEntries(Object.entries(parts).filter(([name]) => name.startsWith("seconds.")).map(([name, value]) => [name.slice(8), slower * value])),
      });
    }
    if (!found.length) throw new Error(`${model.name} in ${format}: no plan of up to ${rules.mostServed} × ${request.chipName} holds it with one request.`);
    const best = found.reduce((most, one) => (one.speed > most.speed ? one : most));
    return {found, best: best.speed ? best : null, nearest: found.reduce((least, one) => (one.seconds < least.seconds ? one : least)), width: unsure, memory: machine.memory_bytes};
  }
  return {held, weights, plans, serve};
}
