// The planner's search, as analysis/plan/training_search.py and analysis/training/assumptions.py have it: it names every plan,
// asks the engine, which analysis/tracing wrote down from Python, and keeps the best. No page is needed: it runs in a worker.
function planning(engine, data) {
  "use strict";
  const {rules} = data, functions = engine(), DAY = 86400;
  const range = (from, to) => Array.from({length: to - from + 1}, (_, at) => from + at);
  // As Python rounds: halves to the even number.
  const rounded = (value) => { const low = Math.floor(value), part = value - low; return part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1; };
  const named = (names, values) => Object.fromEntries(names.map((name, at) => [name, values[at]]));

  // Numbers of chips that are tried: whole up to eight, then multiples of `multiple` with so many binary digits.
  function sizes(most = rules.mostChips, digits = rules.coarse, least = 1, multiple = 8) {
    const tried = new Set(range(1, 8));
    for (let power = 0; 2 ** power <= rules.mostChips; power++) {
      for (let whole = 1; whole < 2 ** digits; whole++) {
        const size = whole * 2 ** power;
        if (size > 8 && size % multiple === 0) tried.add(size);
      }
    }
    return [...tried].filter((size) => size >= least && size <= most).sort((a, b) => a - b);
  }
  function upTo(chips) {
    const finest = sizes(chips, rules.fine, 1, 4).filter((size) => size > 7 / 8 * chips);
    return [...new Set([...sizes(chips, rules.coarse + 1, chips / 4, 4), ...finest])].sort((a, b) => a - b);
  }

  // Batches to try, in sequences; null is the usual one, which hangs on the split.
  function batches(question, chips) {
    if (question.batchTokens) return [Math.max(1, rounded(question.batchTokens / question.sequence))];
    const usual = Math.min(Math.max(rules.tokensAChip * chips, rules.batchTokens), rules.mostBatchTokens) / question.sequence;
    let odd = chips;
    while (odd % 2 === 0) odd /= 2;
    if (odd > usual) return [null];
    const near = odd * 2 ** Math.max(0, rounded(Math.log2(usual / odd)));
    return chips > rules.batchTokens / rules.tokensAChip ? [near] : [near, null];
  }

  const TENSORS = [1, 2, 4, 8], PIPELINES = [1, 2, 4, 6, 8, 12, 16, 32, 64], EXPERTS = [1, 2, 4, 8, 16, 32, 64];

  // Every plan for so many chips, in Python's order: [global_batch, fields of Plan …, free].
  function* plans({model, machine, software, sequence}, chips, given) {
    const [whole, full, interleaves] = software, fast = machine.chips_on_fast_links, tpu = machine.is_tpu === 1;
    const mostTensor = Math.min(model.heads || 8, fast, 8);
    const pipelines = tpu ? [1] : PIPELINES.filter((size) => size <= model.layers / 2);
    for (const tensor of TENSORS.filter((size) => size <= mostTensor && model.heads % size === 0)) {
      for (const pipeline of pipelines) {
        const data = chips / (tensor * pipeline);
        if (!Number.isInteger(data)) continue;
        const most = Math.max(1, rounded(rules.batchTokens / sequence / data));
        const usual = whole ? [1, 2, 4, 8, most].filter((size) => size <= most) : [most];
        for (const batch of given === null ? new Set(usual.map((size) => data * size)) : [given]) {
          if ((given === null && batch * sequence > rules.mostBatchTokens) || batch % data !== 0) continue;
          const sequences = batch / data;
          const experts = model.experts
            ? EXPERTS.filter((size) => model.experts % size === 0 && (tensor * data) % size === 0) : [1];
          const zeros = tpu ? [3] : tensor === 1 && pipeline === 1 ? [1, 3] : [1];
          const micro = whole ? [sequences] : rules.microBatches.filter((size) => sequences % size === 0);
          const virtuals = chunks(model.layers, pipeline, interleaves);
          for (const expert of experts) for (const zero of zeros) for (const size of micro) for (const virtual of virtuals) {
            for (const [recompute, free] of full ? [[2, 0]] : [[0, 1], [1, 1]]) {
              yield [batch, tensor, pipeline, virtual, data, 1, expert, zero, recompute, 0, 1, size, free];
            }
          }
        }
      }
    }
  }
  function chunks(layers, pipeline, interleaves) {
    if (pipeline === 1 || !interleaves) return [1];
    const every = range(1, rules.mostVirtual);
    const even = every.filter((size) => layers % (pipeline * size) === 0 || (layers + 2) % (pipeline * size) === 0);
    return even.length ? even : every.filter((size) => pipeline * size <= layers);
  }

  // A question with its functions made for it: chip, model, format and sequence are fixed.
  function asked(question) {
    const {model, chip, precision} = question;
    const machine = named(data.fields.machine, chip.machine[precision]);
    const fixed = [question.sequence, 0, ...chip.machine[precision], ...chip.behaviour, ...model.kinds.flat()];
    const made = functions[`training${model.kinds.length}`], splits = made(fixed);
    // Of a plan, by its fields' places in what `plans` names: what plans of one split share, and what differs.
    const of = (plan) => splits([plan[0], plan[1], plan[2], plan[4], plan[5], plan[6], plan[10], plan[11]]);
    const rest = (plan) => [plan[3], plan[7], plan[8], plan[9], plan[12], plan[13]];
    return {
      ...question, machine, software: chip.software, key: JSON.stringify([fixed, model.layers, model.heads, model.experts, question.batchTokens]),
      of, rest, step: (plan) => of(plan)(rest(plan)), names: made.outputs,
    };
  }

  // The fastest plan that fits on so many chips, or null; `smallest` keeps what the least overfull would need. Which plan that
  // is does not hang on the tokens, so that it is kept for the next question.
  const kept = new Map(), SPLIT = [0, 1, 2, 6];
  function best(question, chips, smallest) {
    const key = `${question.key}|${chips}`;
    if (!kept.has(key)) {
      if (kept.size > 20_000) kept.clear();
      kept.set(key, searched(question, chips));
    }
    const {plan, memory} = kept.get(key);
    if (memory < smallest.memory) Object.assign(smallest, {memory, chips});
    return plan && answer(question, chips, [...plan.slice(0, -1), question.tokens]);
  }
  function searched(question, chips) {
    let found = null, least = Infinity, smallest = Infinity;
    for (const batch of batches(question, chips)) {
      let made = new Map(), before = [];
      for (const plan of plans(question, chips, batch)) {
        plan.push(question.tokens);
        if (SPLIT.some((place) => plan[place] !== before[place])) made = new Map();
        before = plan;
        if (!made.has(plan[11])) made.set(plan[11], question.of(plan));
        const [memory, fits, seconds] = made.get(plan[11])(question.rest(plan));
        if (memory < smallest) smallest = memory;
        const perToken = seconds / (plan[0] * question.sequence);
        if (fits && perToken < least) [found, least] = [plan, perToken];
      }
    }
    return {plan: found, memory: smallest};
  }

  // What a plan comes to, with what published runs teach: seconds of a step, and of the whole run by the clock.
  function answer(question, chips, plan) {
    const step = named(question.names, question.step(plan)), tokensAStep = plan[0] * question.sequence;
    const ofStep = expected(question, false), ofRun = step.trains ? expected(question, true) : ofStep;
    return {
      chips, plan, step, tokensAStep,
      stepSeconds: step.seconds * Math.exp(-ofStep.error), stepWidth: ofStep.width,
      wallClock: question.tokens / tokensAStep * step.clock_seconds * Math.exp(-ofRun.error), runWidth: ofRun.width,
    };
  }

  // The error that is expected of a prediction and the half width of its 80% interval, as logarithms; see
  // analysis/evidence/offsets.py, whose system of equations is solved once.
  let solved;
  function factored() {
    const {traits, error, weight, noise} = data.offsets, count = error.length, kinds = traits.at(-1);
    const widest = Math.max(...Object.values(noise));
    const rows = range(0, count - 1).map((row) => {
      const line = new Float64Array(row + 1);
      for (const {size, cells} of traits.slice(0, -1)) {
        if (cells[row] < 0) continue;
        for (let at = 0; at <= row; at++) if (cells[at] === cells[row]) line[at] += size ** 2;
      }
      line[row] += (noise[kinds.levels[kinds.cells[row]]] ?? widest) ** 2 / weight[row];
      return line;
    });
    for (let row = 0; row < count; row++) { // Cholesky's factor, in place
      for (let at = 0; at <= row; at++) {
        let sum = rows[row][at];
        for (let k = 0; k < at; k++) sum -= rows[row][k] * rows[at][k];
        rows[row][at] = at === row ? Math.sqrt(sum) : sum / rows[at][at];
      }
    }
    return rows;
  }
  function forward(rows, values) {
    const result = new Float64Array(values.length);
    for (let row = 0; row < rows.length; row++) {
      let sum = values[row];
      for (let at = 0; at < row; at++) sum -= rows[row][at] * result[at];
      result[row] = sum / rows[row][row];
    }
    return result;
  }
  const remembered = new Map();
  function expected(question, whole) {
    const [vendor, generation] = question.chip.family, {element_bytes: bytes} = question.machine;
    const bits = bytes >= 2 ? "16 bits" : bytes === 1 ? "8 bits" : "4 bits", experts = question.model.experts ? "experts" : "";
    const run = whole ? "whole run" : "";
    const levels = [
      null, vendor === "NVIDIA" ? "" : "other vendors", vendor, null, null, `${generation}, ${bits}`, question.model.name, experts,
      run, experts && run,
    ];
    const kind = run || experts || (bits === "16 bits" ? "dense, 16 bits" : "dense, 8 and 4 bits");
    const key = JSON.stringify([levels, kind]);
    if (!remembered.has(key)) remembered.set(key, offset(levels, kind, question.model.kinds.some((one) => one.at(-1) > 0)));
    return remembered.get(key);
  }
  // Levels of traits: null for one that nobody published, "" for none.
  function offset(levels, kind, unmeasured) {
    const {traits, error, noise, stretch, newStack} = data.offsets;
    if (!solved) { const rows = factored(); solved = {rows, error: forward(rows, error)}; }
    const across = new Float64Array(error.length);
    let before = newStack ** 2;
    levels.forEach((level, at) => {
      if (level === "") return;
      const {size, levels: known, cells} = traits[at];
      before += size ** 2;
      const place = known.indexOf(level);
      if (place >= 0) cells.forEach((cell, row) => { if (cell === place) across[row] += size ** 2; });
    });
    const half = forward(solved.rows, across);
    let mean = 0, explained = 0;
    half.forEach((value, row) => { mean += value * solved.error[row]; explained += value ** 2; });
    const most = (table) => table[kind] ?? Math.max(...Object.values(table));
    const width = Math.sqrt(Math.max(before - explained, 0) + most(noise) ** 2) * most(stretch);
    return {error: mean, width: unmeasured ? Math.max(width, rules.unmeasured) : width};
  }

  // Answers for numbers of chips, one after the other. Generators yield how far they are, so that a caller can stop them.
  function* answers(question, chips, smallest = {memory: Infinity}) {
    const found = [];
    for (const [at, count] of chips.entries()) {
      const one = best(question, count, smallest);
      if (one) found.push(one);
      yield {at: at + 1, of: chips.length};
    }
    return found;
  }

  // The same from the most chips down, since as many as may be are mostly fastest: after the first few it says what it has.
  const FIRST = 3;
  function* fromTheTop(question, chips, smallest) {
    const found = [];
    let told = false;
    for (const [at, count] of [...chips].reverse().entries()) {
      const one = best(question, count, smallest);
      if (one) found.unshift(one);
      if (!told && found.length && at + 1 >= FIRST) { told = true; yield {sketch: described(question, fastest(found), null)}; }
      yield {at: at + 1, of: chips.length};
    }
    return found;
  }
  function* quietly(work) {
    let step = work.next();
    for (; !step.done; step = work.next()) if ("of" in step.value) yield step.value;
    return step.value;
  }

  // A run as it is asked: by its chips, by the days or by the dollars that it may take; see analysis/plan/training_plan.py.
  function* train(request) {
    const question = asked(request), {by, amount} = request, smallest = {memory: Infinity};
    if (by === "chips") {
      const tried = yield* fromTheTop(question, upTo(Math.min(amount, rules.mostChips)), smallest);
      if (!tried.length) throw new Error(tooSmall(question, smallest, yield* fewest(question, amount)));
      return described(question, fastest(tried), null);
    }
    const tried = yield* answers(question, sizes(rules.mostChips, 4), smallest);
    if (!tried.length) throw new Error(tooSmall(question, smallest, null));
    if (by === "days") return yield* withinDays(question, tried, amount);
    return withinDollars(question, tried, amount);
  }
  const fastest = (tried) => tried.reduce((least, one) => (one.wallClock < least.wallClock ? one : least));
  function* fewest(question, chips) {
    for (const count of sizes(rules.mostChips, rules.coarse, chips)) {
      if (best(question, count, {memory: Infinity})) return count;
      yield {at: 0, of: 0};
    }
    return null;
  }
  function tooSmall({model, chipName, machine}, {memory, chips}, enough) {
    const would = enough ? `; ${whole(enough)} would hold it` : "";
    if (memory === Infinity) return `No plan divides so many chips for ${model.name}${would}.`;
    return `${model.name} does not fit on ${whole(chips)} × ${chipName}: training takes ${whole(memory / 1e9)} GB on each at least, ` +
      `of ${whole(machine.memory_bytes / 1e9)} GB${would}.`;
  }
  function* withinDays(question, coarse, days) {
    const seconds = days * DAY, ends = [], first = coarse.find((one) => one.wallClock <= seconds);
    let found = null;
    if (first) yield {sketch: described(question, first, null)};
    for (const sign of [-1, 0, 1]) {
      const inTime = (one) => one.wallClock * Math.exp(sign * one.runWidth) <= seconds, place = coarse.findIndex(inTime);
      if (place < 0) { ends.push(Infinity); continue; }
      const last = coarse[place].chips, before = place ? coarse[place - 1].chips : 0;
      const between = sizes(last, rules.fine, before + 1);
      const fine = yield* answers(question, between.length ? between : [last]);
      const chosen = fine.find(inTime) ?? coarse[place];
      ends.push(chosen.chips);
      if (sign === 0) found = chosen;
    }
    if (found) return described(question, found, ends);
    const {wallClock, chips} = fastest(coarse);
    throw new Error(`No number of ${question.chipName} up to ${whole(rules.mostChips)} is done in ${significant(days)} days; the fastest ` +
      `takes ${significant(wallClock / DAY)} days, on ${whole(chips)}.`);
  }
  function withinDollars(question, tried, dollars) {
    const price = question.chip.rent ?? question.chip.owned;
    if (!price) throw new Error(`No price of ${question.chipName} is known: give its rent, or chips or days instead.`);
    const bill = (one) => one.wallClock / 3600 * one.chips * price[0], within = tried.filter((one) => bill(one) <= dollars);
    if (within.length) return described(question, fastest(within), null);
    const cheapest = tried.reduce((least, one) => (bill(one) < bill(least) ? one : least));
    throw new Error(`${words(dollars)} dollars are too few: the cheapest run costs ${words(bill(cheapest), 2)} dollars, on ` +
      `${whole(cheapest.chips)} × ${question.chipName} in ${significant(cheapest.wallClock / DAY)} days.`);
  }

  const around = (expected, below, above = below) =>
    ({low: expected * Math.exp(-below), expected, high: expected * Math.exp(above)});
  const times = ({low, expected, high}, factor) => ({low: low * factor, expected: expected * factor, high: high * factor});
  const share = ({low, expected, high}) => ({low: Math.min(low, 1), expected: Math.min(expected, 1), high: Math.min(high, 1)});
  const combined = (one, other) => Math.sqrt(one ** 2 + other ** 2);

  // What a plan is worth to a reader, each quantity with its 80% interval; the names are those of TrainingPlan.
  function described(question, found, ends) {
    const {chips, step, stepSeconds, stepWidth, wallClock, runWidth} = found, {chip, machine, model, tokens} = question;
    const hours = wallClock * chips / 3600, peak = machine.peak * chips;
    const money = (price) => price && around(hours * price[0], combined(runWidth, price[1]), combined(runWidth, price[2]));
    const [watts, server, building] = chip.site, parts = {}, memory = {};
    for (const [name, value] of Object.entries(step)) {
      if (name.startsWith("seconds.")) parts[name.slice(8)] = value * stepSeconds / step.seconds;
      if (name.startsWith("memory.")) memory[name.slice(7)] = value;
    }
    const rent = money(chip.rent), owned = money(chip.owned);
    return {
      chips: ends ? {low: ends[0], expected: chips, high: ends[2]} : {low: chips, expected: chips, high: chips},
      days: around(wallClock / DAY, runWidth), chip_hours: around(hours, runWidth), rent, owned, dollars: rent ?? owned,
      megawatt_hours: around(hours * 3600 * watts * server * building / 3.6e9, runWidth),
      step_seconds: around(stepSeconds, stepWidth), batch: found.plan[0],
      tokens_per_second_per_chip: around(found.tokensAStep / stepSeconds / chips, stepWidth),
      model_flops_utilization: share(around(step.model_flop / (stepSeconds * peak), stepWidth)),
      sustained: share(around(6 * model.active * tokens / (wallClock * peak), runWidth)),
      memory_bytes: around(step.memory, rules.memoryWidth), plan: found.plan, recomputed: step.recomputed_layers, parts, memory,
    };
  }

  // The service that is asked for, and writing alone; what was found last is kept for a question that leaves it as it is.
  const services = serving(functions, data);
  let last = {};
  function* service(request) {
    const {model, chip, weights, prompt, answer, cached, perSecond, peak, ttft, tpot} = request;
    const key = JSON.stringify([model.name, model.kinds, chip, weights, prompt, answer, cached, perSecond, peak, ttft, tpot]);
    if (last.key !== key) {
      const asked = {...request, spread: rules.spread};
      try {
        last = {key, served: yield* services.plan(asked), curves: services.curves(asked)};
      } catch (error) {
        last = {key, served: {refused: error.message}, curves: []};
      }
    }
    yield {served: last.served, curves: last.curves};
  }

  // All that the page shows of a run, piece by piece: the answer, then the same over numbers of chips, then on other chips.
  function* everything(request) {
    const answer = yield* train(request);
    yield {answer};
    yield* service(request);
    const question = asked(request), curve = [];
    for (const count of sizes(rules.mostChips, rules.coarse)) {
      const found = best(question, count, {memory: Infinity});
      if (found) curve.push(described(question, found, null));
      yield {at: 0, of: 0};
    }
    yield {curve};
    for (const [name, other] of request.others) {
      const precision = other.machine[request.precision] ? request.precision : Object.keys(other.machine)[0];
      try {
        const on = {...request, chip: other, chipName: name, precision, by: "chips", amount: answer.chips.expected};
        yield {name, precision, compared: yield* quietly(train(on))};
      } catch (error) {
        yield {name, precision, refused: error.message};
      }
    }
  }

  // Numbers as analysis/numerals.py writes them.
  function significant(value, digits = 3) {
    if (value !== 0 && (Math.abs(value) < 1e-6 || Math.abs(value) >= 1e15)) return value.toExponential(digits - 1);
    const rounded = Number(value.toPrecision(digits)), places = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded) || 1)));
    return rounded.toLocaleString("en-US", {minimumFractionDigits: places, maximumFractionDigits: places});
  }
  const short = (value, digits) => { const text = significant(value, digits); return text.includes(".") ? text.replace(/\.?0+$/, "") : text; };
  function words(value, digits = 3) {
    for (const [size, word] of [[1e12, "trillion"], [1e9, "billion"], [1e6, "million"]]) {
      if (Math.abs(value) >= size) return `${short(value / size, digits)} ${word}`;
    }
    return Number.isInteger(value) ? whole(value) : short(value, digits);
  }
  const whole = (value) => value.toLocaleString("en-US", {maximumFractionDigits: 0});
  function written({low, expected, high}, write = words) {
    const [least, middle, most] = [low, expected, high].map((value) => (Number.isFinite(value) ? write(value) : "no limit"));
    return least === middle && middle === most ? middle : `${middle} (${least} to ${most})`;
  }
  return {sizes, upTo, batches, plans, asked, answers, answer, train, service, everything, significant, short, words, whole, written, DAY};
}

// In a worker: one request at a time, and the next one ends it.
function planningWorker(planner) {
  const SLICE = 15; // milliseconds, after which a next request is heard
  let newest = 0;
  onmessage = async ({data: request}) => {
    newest = request.id;
    const work = planner.everything(request), told = (message) => postMessage({id: request.id, ...message});
    let until = performance.now() + SLICE;
    try {
      for (let step = work.next(); !step.done; step = work.next()) {
        if (!("of" in step.value)) told(step.value);
        if (performance.now() < until) continue;
        if (step.value.of) told({progress: step.value});
        await new Promise((done) => setTimeout(done));
        if (newest !== request.id) return;
        until = performance.now() + SLICE;
      }
      told({done: true});
    } catch (error) {
      told({refused: error.message});
    }
  };
}
