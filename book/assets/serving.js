// A service planned as analysis/plan/serving_plan.py plans it: every replica of analysis/serving/replica_plans.py, estimated and
// put through the queue of queue.js as analysis/serving/ways.py does it. Of ways those that need nothing but the model are here.
function serving(functions, data) {
  "use strict";
  const {rules} = data, {max, min, exp, log, ceil, floor} = Math, sum = (values) => values.reduce((total, value) => total + value, 0);
  const queue = queueing(rules.queue), named = (names, values) => Object.fromEntries(names.map((name, at) => [name, values[at]]));
  const divisors = (number) => Array.from({length: number}, (_, at) => at + 1).filter((size) => number % size === 0);

  // Parameters on one chip of a pipeline stage: divided by tensor parallelism and copied, and those of experts.
  function held({layers, held: {first, last, kinds, runs, tied}}, tensor, pipeline, stage) {
    const starts = (chunk) => chunk * floor(layers / pipeline) + min(chunk, layers % pipeline), [from, to] = [starts(stage), starts(stage + 1)];
    let split = 0, experts = 0, copied = 0, passed = 0;
    for (const [kind, repeats] of runs) {
      const mine = max(min(passed + repeats, to) - max(passed, from), 0), [one, each, whole, ...keys] = kinds[kind];
      passed += repeats;
      split += mine * one; experts += mine * each; copied += mine * whole;
      for (let at = 0; at < keys.length; at += 2) split += mine * keys[at + 1] * (max(floor(tensor / keys[at]), 1) - 1);
    }
    if (stage === 0) { split += first[0]; experts += first[1]; copied += first[2]; }
    if (stage === pipeline - 1) { split += last[0] - (pipeline === 1 ? tied : 0); experts += last[1]; copied += last[2]; }
    return {dense: split / tensor + copied, experts};
  }
  // Bytes of weights on one chip of the fullest stage; embeddings and the product with the vocabulary stay in 16 bits.
  function weights(model, {tensor, pipeline, data: groups, expert}, [bytes, denseBytes]) {
    const [vocabulary, width, tiedHead] = model.ends, slots = model.experts ? ceil(model.experts / expert) * expert / model.experts : 0;
    const stages = [...new Set([0, pipeline - 1])].map((stage) => {
      const {dense, experts} = held(model, tensor, pipeline, stage), last = stage === pipeline - 1;
      const ends = vocabulary * width / tensor * (Number(stage === 0) + Number(last && !(tiedHead && pipeline === 1)));
      return max(dense - ends, 0) * denseBytes + 2 * ends + slots * experts / (tensor * groups) * bytes;
    });
    return max(...stages);
  }
  // The ways to split a replica, smallest first.
  function* splits(model, chip, fast) {
    for (const size of chip.sizes) for (const tensor of divisors(size)) {
      const divides = model.heads % tensor === 0 && (model.kvHeads % tensor === 0 || tensor % model.kvHeads === 0);
      if (tensor > max(fast, rules.server) || !divides) continue;
      for (const pipeline of divisors(size / tensor)) {
        const groups = size / tensor / pipeline;
        if (pipeline > model.layers || (groups > 1 && !model.experts)) continue;
        for (const expert of new Set([1, model.experts ? tensor * groups : 1])) yield {tensor, pipeline, data: groups, expert, chips: size};
      }
    }
  }

  // Replicas that hold the weights, each with its pass of the engine: what hangs on model, chip and split is computed once.
  let spaces = new Map();
  function space({model, chip, chipName, weights: format}) {
    const key = JSON.stringify([model.name, model.kinds, chip.machine, format]);
    if (spaces.has(key)) return spaces.get(key);
    if (!model.held) throw new Error(`${model.name}: services are planned of the library's models alone.`);
    const served = chip.serving[format], compute = chip.machine[served.compute], machine = named(data.fields.machine, compute);
    const bytes = [served.bytes, model.experts && served.experts ? 2 : served.bytes], made = functions[`serving${model.kinds.length}`];
    const known = {
      weight_bytes: bytes[0], dense_bytes: bytes[1], cache_bytes: 2, widened: Number(served.widened), context_length: model.context ?? Infinity,
      draft_tokens: 0, acceptance: 0, software_year: rules.servedYear, tensorrt_llm: 0, vllm: 1, sglang: 0, pytorch: 0,
    };
    const shape = model.kinds.flat(), at = Object.fromEntries(made.outputs.map((name, place) => [name, place])), found = [];
    for (const split of splits(model, chip, machine.chips_on_fast_links)) {
      const onOne = weights(model, split, bytes);
      if (onOne > machine.memory_bytes) continue;
      const plan = [split.tensor, split.pipeline, 1, split.data, 1, split.expert, 0, 0, 0, 0, 1];
      const fixed = [...compute, ...plan, ...made.fixed.filter((name) => name.startsWith("case.")).map((name) => known[name.slice(5)] ?? onOne), ...shape];
      const pass = made(fixed), at0 = (length) => pass([0, 1, length, length, length]);
      found.push({
        ...split, onOne, parts: (batch, context) => named(made.outputs, pass([0, batch, context, context, context])),
        seconds: (tokens, batch, context) => pass([tokens, batch, context, context, context])[at.seconds],
        largest: (length) => at0(length)[at.largest_batch], requestBytes: (length) => at0(length)[at.request_bytes], asked: new Map(),
      });
    }
    if (!found.length) throw new Error(`No replica of up to ${chip.sizes.at(-1)} × ${chipName} holds ${model.name} in ${format}.`);
    const speed = machine.chips_on_fast_links > rules.server ? machine.link_bandwidth : machine.network_bandwidth;
    if (spaces.size > 20) spaces = new Map();
    spaces.set(key, {found, speed, machine});
    return spaces.get(key);
  }

  // What is asked of a replica in a role: prompts alone to read, or known ones to answer, at once.
  function roleOf(role, {prompt, answer, cached, spread, ttft, tpot}) {
    const one = {prompt, answer: role === "reads" ? 1 : answer, cached: role === "writes" ? 1 : cached, variation: spread};
    return {role, asked: one, targets: {first: role === "writes" ? Infinity : ttft, output: tpot}, chunks: role === "both" ? rules.beside : rules.alone};
  }
  const perChunk = rules.beside[0];
  // A replica that reads chunks of some length, in the terms of the queue; `key` tells its questions from others.
  function candidate(replica, chunk, {role, asked, targets}, speed) {
    const factor = chunk * replica.data / perChunk, {prompt, answer} = asked, known = `fits ${prompt}|${answer}`;
    if (!replica.asked.has(known)) replica.asked.set(known, [replica.largest(prompt + answer), replica.requestBytes(prompt)]);
    const [fits, held] = replica.asked.get(known), bytes = role === "both" ? 0 : held, moved = bytes / speed;
    return {
      ...replica, chunk, factor, moved, most: bytes ? replica.data * speed / bytes : Infinity, room: fits, limit: floor(answer > 1 ? fits : min(fits, 1)),
      kept: role === "reads" ? {...targets, first: max(targets.first - moved, 1e-6)} : targets, requests: {...asked, cached: 1 - (1 - asked.cached) / factor},
      key: `${chunk}|${asked.prompt}|${asked.answer}`,
    };
  }
  function tabulated(one, top, slower) {
    const key = `${one.key}|${top}`, {asked} = one, context = one.requests.prompt + one.requests.answer / 2;
    if (!asked.has(key)) {
      if (asked.size > 200) asked.clear();
      asked.set(key, queue.ask((tokens, batch) => one.seconds(tokens * one.factor, batch, context), queue.grid(top), perChunk));
    }
    return queue.tabulate(asked.get(key), slower, one.limit, one.requests, perChunk);
  }
  // About how many requests a second a replica carries, were every step the same; see `fluid_rate` in Python. Of each number of
  // requests at once the seconds of a step, as predicted, and the rate if a step took one second: other rates and errors ask again.
  function fluid(one, cached, slower) {
    const key = `fluid ${one.key}|${cached}`, {asked, kept} = one;
    if (!asked.has(key)) asked.set(key, one.room < 1 ? [] : looked(one, cached));
    let most = 0;
    for (const [seconds, rate, bound] of asked.get(key)) {
      if (slower * seconds <= (bound === "first" ? kept.first : kept.output)) most = max(most, rate / slower);
    }
    return most;
  }
  function looked({seconds: step, chunk, data: groups, room, requests: {prompt, answer}}, cached) {
    const context = prompt + answer / 2, whole = chunk * groups, read = prompt * (1 - cached), steps = answer - 1, told = [];
    if (steps <= 0) return [[ceil(read / chunk) * step(chunk, 0, context), 1 / (read / whole * step(whole, 0, prompt)), "first"]];
    for (let at = 0; at < rules.fluidBatches; at++) {
      const batch = room ** (at / (rules.fluidBatches - 1)), begun = batch / max(steps, 1e-9);
      const tokens = min(max(read * begun / -Math.expm1(-min(begun, 500)), 1e-9), whole), part = min(begun * read / tokens, 1);
      const alone = step(0, batch, context), taken = part ? alone + part * (step(tokens, batch, context) - alone) : alone;
      told.push([taken, min(begun, whole / max(read, 1e-9)) / taken, "output"]);
    }
    return told;
  }

  // The pool that takes the fewest chips in a role, or null. What can't take fewer than the best so far is not searched.
  function pool(request, role, slower) {
    const {found, speed} = space(request), what = roleOf(role, request), peak = request.perSecond * request.peak;
    const every = what.chunks.flatMap((chunk) => found.map((replica) => candidate(replica, chunk, what, speed)));
    const chipsOf = ({chips}, rate) => (rate > 0 ? max(ceil(peak / rate * (1 - 1e-9)), 1) * chips + 1e-6 * peak * chips / rate : Infinity);
    for (const one of every) one.estimate = chipsOf(one, min(fluid(one, what.asked.cached, slower), one.most));
    const members = every.filter((one) => Number.isFinite(one.estimate)).sort((a, b) => a.estimate - b.estimate).slice(0, rules.asked);
    let best = null, least = Infinity;
    const needed = (one) => peak / floor(least / one.chips), top = (some) => max(...some.map(({limit}) => limit));
    function search(some) {
      const most = top(some);
      for (const one of some) {
        const steps = tabulated(one, most, slower);
        if (best && !(needed(one) <= one.most && queue.holds(steps, one.kept, needed(one)))) continue;
        const rate = min(queue.largestRate(steps, one.kept), one.most), chips = chipsOf(one, rate);
        if (chips < least) [best, least] = [{...one, rate}, chips];
      }
    }
    if (members.length) search(members.slice(0, rules.tried));
    const others = members.slice(rules.tried).filter((one) => needed(one) <= one.most), most = top(others);
    const may = others.filter((one) => queue.holds(tabulated(one, most, slower), one.kept, needed(one)));
    if (may.length) search(may);
    if (!best) return null;
    const replicas = max(ceil(peak / best.rate * (1 - 1e-9)), 1), state = queue.underLoad(tabulated(best, best.limit, slower), peak / replicas);
    return {
      ...best, role, replicas, batch: state.batch, first: role === "writes" ? 0 : min(queue.firstToken(state), best.kept.first),
      output: role === "reads" ? 0 : queue.outputToken(state),
    };
  }
  // The way with the fewest chips; as many, the one that does both. Null where none keeps the targets.
  function* way(request, slower) {
    const pools = {};
    for (const role of ["both", "reads", "writes"]) { pools[role] = pool(request, role, slower); yield {at: 0, of: 0}; }
    const {both, reads, writes} = pools, chips = (some) => sum(some.map((one) => one.replicas * one.chips));
    const ways = [both && {kind: "together", pools: [both], moved: 0}, reads && writes && {kind: "apart", pools: [reads, writes], moved: reads.moved}];
    return ways.filter(Boolean).map((one) => ({...one, chips: chips(one.pools)})).reduce((least, one) => (least && least.chips <= one.chips ? least : one), null);
  }
  // Chips, not whole, for one request a second where steps take `slower` times as long.
  const chipsNeeded = ({pools}, slower) => sum(pools.map((one) => one.chips / min(queue.largestRate(tabulated(one, one.limit, slower), one.kept), one.most)));

  // A service as it is asked: first what is expected of it, then its intervals, too.
  function* plan(request) {
    const {model, chip, prompt, answer, peak, perSecond} = request, length = prompt + answer;
    const {found} = space(request), {slower: [slower, known]} = chip, unmeasured = model.kinds.some((kind) => kind.at(-1) > 0);
    if (model.context && length > model.context) throw new Error(`${model.name} can attend to ${model.context} tokens, prompt and answer together.`);
    const width = unmeasured ? max(known, rules.unmeasuredServing) : known, best = yield* way(request, slower);
    if (!best) throw new Error(refusal(request, found));
    const whole = (exact) => { const near = Math.round(exact); return Math.abs(exact - near) <= rules.noise * exact ? near : ceil(exact); };
    const expected = sum(best.pools.map((one) => whole(perSecond * peak / one.rate) * one.chips)), ends = [];
    yield {expected, kind: best.kind};
    for (const sign of [-1, 1]) { const other = yield* way(request, slower * exp(sign * width)); ends.push(other ? other.chips : Infinity); }
    const chips = {low: min(ends[0], expected), expected, high: max(ends[1], expected)};
    const each = [-width, 0, width].map((sign) => chipsNeeded(best, slower * exp(sign)));
    const around = (middle, below, above) => ({low: middle * exp(-below), expected: middle, high: middle * exp(above)});
    const apart = [chips.low, chips.high].map((end) => (expected > 0 ? Math.abs(log(end / expected)) : 0)), million = perSecond * answer * 3600 / 1e6;
    const money = (price) => price && around(expected * price[0] / million, ...apart.map((end, at) => Math.sqrt(end ** 2 + price[at + 1] ** 2)));
    const writer = best.pools.at(-1), context = prompt + answer / 2, watts = chip.site[0] * chip.site[1] * chip.site[2];
    const parts = Object.entries(writer.parts(max(writer.batch, 1), context)).filter(([name]) => name.startsWith("seconds."));
    return {
      chips, width, kind: best.kind, replicas: sum(best.pools.map((one) => whole(perSecond * peak / one.rate))), ttft: best.pools[0].first + best.moved, tpot: writer.output,
      pools: best.pools.map(({role, tensor, pipeline, data: groups, expert, chips: size, chunk, rate, batch, replicas}) =>
        ({role, tensor, pipeline, data: groups, expert, chips: size, chunk, rate, batch, replicas})),
      tokens_per_second_per_chip: {low: answer / each[2], expected: answer / each[1], high: answer / each[0]},
      rent: money(chip.rent), owned: money(chip.owned), megawatts: {low: chips.low * watts / 1e6, expected: expected * watts / 1e6, high: chips.high * watts / 1e6},
      parts: Object.fromEntries(parts.map(([name, value]) => [name.slice(8), slower * value])),
      memory: {weights: writer.onOne, cache: writer.batch / writer.data * writer.requestBytes(context)},
    };
  }

  // Which target the nearest replica misses, and by how much; see `_refuse` in Python.
  function refusal({prompt, answer, cached, spread, ttft, tpot}, found) {
    const context = prompt + answer / 2, holding = found.filter((one) => one.largest(prompt + answer) >= 1), requests = {prompt, answer, cached, variation: spread};
    if (!holding.length) return `Not one request of ${(prompt + answer).toLocaleString("en-US")} tokens fits into the memory of a replica; take more chips, fewer bits or a shorter context.`;
    const timed = holding.map((one) => [one.seconds(0, 1, context), one]).sort((a, b) => a[0] - b[0]).slice(0, rules.tried), missed = [];
    for (const [, one] of timed) {
      const limit = one.largest(prompt + answer), chunk = rules.chunkOfOne * one.data;
      const steps = queue.tabulate(queue.ask((tokens, batch) => one.seconds(tokens, batch, context), queue.grid(limit), chunk), 1, limit, requests, chunk);
      if (queue.largestRate(steps, {first: ttft, output: tpot})) return "No plan keeps both targets, though the nearest would if its steps were as fast as published ones.";
      const [near, alone] = [1e-9, 1e-6].map((part) => queue.underLoad(steps, part * steps.most));
      missed.push([max(queue.firstToken(near) / ttft, queue.outputToken(near) / tpot), queue.firstToken(alone), queue.outputToken(alone)]);
    }
    const [, first, output] = missed.reduce((least, one) => (one[0] < least[0] ? one : least));
    const [name, reached, target] = first > ttft ? ["Time to first token", first, ttft] : ["Time per output token", output, tpot];
    return `${name}: ${Number(reached.toPrecision(3))} s for ${100 * rules.queue.percentile}% of requests even without load, ` +
      `${Number((reached / target).toPrecision(3))} times the target of ${Number(target.toPrecision(3))} s; no batch can meet it.`;
  }

  // Writing alone: tokens a second and chip against the time per token, over numbers of requests at once, of each replica.
  function curves(request) {
    const {chip, prompt, answer} = request, context = prompt + answer / 2, [slower] = chip.slower, told = [];
    for (const one of space(request).found) {
      const most = one.largest(prompt + answer);
      if (most < 1) continue;
      const batches = [...new Set(Array.from({length: 12}, (_, at) => Math.round(most ** (at / 11))))];
      const line = batches.map((batch) => { const seconds = slower * one.seconds(0, batch, context); return {batch, seconds, speed: batch / seconds / one.chips}; });
      const {tensor, pipeline, data: groups, expert, chips, onOne} = one;
      told.push({tensor, pipeline, data: groups, expert, chips, weights: onOne, largest: most, line});
    }
    return told;
  }
  return {held, weights, splits, plan, curves};
}
