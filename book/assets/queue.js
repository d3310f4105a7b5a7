// A replica that batches continuously under a steady load, as analysis/serving/serving_queue.py has it, and the largest load
// within targets, as analysis/serving/capacity.py has it: the same closed form, for one replica at a time. Names are Python's.
function queueing(constants) {
  "use strict";
  const {normal, golden, percentile, quantile, states: STATES, batches: BATCHES, shares, averaged, bisections, rounds, cell} = constants;
  const {max, min, exp, expm1, log, log1p, sqrt, floor, ceil} = Math, LENGTHS = normal.length, RARE = 60;
  const clip = (value, least, most) => max(least, min(value, most));
  const unique = (values) => [...new Set(values)].sort((a, b) => a - b);

  // Batches at which a machine is asked, up to the largest of those that are compared.
  function grid(most) {
    const span = Math.log10(most);
    return unique(Array.from({length: BATCHES}, (_, at) => (at === BATCHES - 1 ? most : Math.round(10 ** (span * at / (BATCHES - 1))))));
  }

  // The seconds of steps that a machine is asked for, at a grid of batches and parts of a chunk.
  function ask(seconds, batches, chunk) {
    const points = [0, ...batches], parts = unique(shares.map((share) => even(share * chunk)));
    return {points, parts, known: parts.map((tokens) => points.map((size) => seconds(tokens, size)))};
  }
  // Step times of a replica, tabulated, each `slower` times as long as asked; at most `limit` requests at once.
  function tabulate({points, parts, known}, slower, limit, requests, chunk) {
    const {prompt, answer, cached, variation} = requests;
    const states = min(limit, STATES), stride = max(1, limit / states), batch = new Float64Array(states + 1);
    for (let at = 1; at <= states; at++) batch[at] = min(at * stride, limit);
    const table = known.map((told) => {
      const row = new Float64Array(states + 1);
      for (let at = 0, right = 1; at <= states; at++) {
        while (right < points.length - 1 && points[right] < batch[at]) right += 1;
        const share = (batch[at] - points[right - 1]) / (points[right] - points[right - 1]);
        row[at] = slower * (told[right - 1] + (told[right] - told[right - 1]) * share);
      }
      return row;
    });
    const read = prompt * (1 - cached), deviation = sqrt(log1p(variation)), values = normal.map((one) => exp(one * deviation));
    const mean = values.reduce((sum, one) => sum + one, 0) / LENGTHS, steps = answer - 1;
    const lengths = Float64Array.from(values, (one) => read * one / mean);
    let prompts = 0, answers = 0;
    for (let at = 0; at <= states; at++) {
      prompts = max(prompts, chunk / (read * table.at(-1)[at]));
      if (at) answers = max(answers, batch[at] / (steps * table[0][at]));
    }
    const most = min(prompts, answers);
    if (!Number.isFinite(most)) throw new Error("Requests with nothing to read and nothing to write put no load on a replica.");
    return {chunk, parts, states, stride, batch, table, read, steps, variation, lengths, limit, most};
  }

  // Two waits (chance, rate of the exponential tail) within what can be computed, and with unequal rates.
  function apart(...waits) {
    const known = (value, nan) => (Number.isNaN(value) ? nan : value);
    const [[first, fast], [second, slow]] = waits.map(([chance, rate]) => [clip(known(chance, 0), 0, 1), clip(known(rate, 1e9), 1e-9, 1e9)]);
    return [[first, fast], [second, Math.abs(fast - slow) <= 1e-8 + 1e-5 * Math.abs(slow) ? slow * (1 + 1e-4) : slow]];
  }

  // The queue at `rate` requests a second.
  function underLoad(tabulated, rate) {
    const {chunk, parts, states, stride, batch, table, read, steps, variation, lengths, limit} = tabulated, uneven = 1 + variation;
    const decode = table[0], full = table.at(-1), count = states + 1, last = parts.length - 1;
    const mean = new Float64Array(count), together = new Float64Array(count), extra = new Float64Array(count), busyness = new Float64Array(count);
    const births = new Float64Array(count), present = new Float64Array(count), least = clip(read, 1e-9, chunk);
    let reading = 0, spent = 0, prompts = 0;
    function look(at) {
      const alone = decode[at];
      // Seconds of a step that reads so many tokens, of one on the mean, and the prompts of a step that reads.
      const step = (tokens) => {
        let left = 0;
        while (left < last - 1 && tokens > parts[left + 1]) left += 1;
        const share = min((tokens - parts[left]) / (parts[left + 1] - parts[left]), 1), low = table[left][at];
        reading = low + (table[left + 1][at] - low) * share;
        const reads = rate * read / tokens, rest = max(1 - reads * reading, 0);
        spent = rest > 0 ? 1 / (reads + rest / alone) : reading;
        const arrivals = max(rate * spent, 1e-9);
        prompts = arrivals / -expm1(-min(arrivals, 500));
        return clip(read * prompts, least, chunk);
      };
      let tokens = least;
      for (let round = 0; round < rounds; round++) { // Steffensen's iteration
        const once = step(tokens), twice = step(once), beyond = tokens - (once - tokens) ** 2 / (twice - 2 * once + tokens);
        tokens = clip(Number.isFinite(beyond) && beyond >= twice ? beyond : twice, least, chunk);
      }
      step(tokens);
      const reads = rate * read / tokens, rest = max(1 - reads * reading, 0);
      mean[at] = spent;
      together[at] = prompts;
      extra[at] = (reading - alone) * read / tokens;
      busyness[at] = reads * reading ** 2 + rest * alone;
      births[at] = min(rate, tokens / max(read * reading, 1e-300));
    }
    // The chance of each number of requests: a chain of births and deaths. Beyond a state so rare that all rarer ones count for
    // nothing, none is looked at but the full batch, at whose rate requests end.
    const deaths = (at) => (steps > 0 ? (batch[at] - (stride - 1) / 2) / (max(steps, 1e-300) * mean[at]) : 1e300);
    look(states);
    const drain = deaths(states), crowd = births[states] < drain ? births[states] / drain : 0;
    let weight = 0, shift = 0, seen = 1;
    look(0);
    for (; seen <= states; seen++) {
      look(seen);
      weight += (log(births[seen - 1]) - log(deaths(seen))) * stride;
      present[seen] = weight;
      if (weight > shift) shift = weight;
      if (crowd && weight < shift - RARE && births[seen - 1] < deaths(seen)) break;
    }
    const whole = seen > states, looked = min(seen, states);
    let all = present[0] = exp(-shift);
    for (let at = 1; at <= looked; at++) all += present[at] = exp(present[at] - shift) * stride;
    const waiting = whole ? exp(weight - shift) * crowd / (1 - crowd) : 0;
    present[states] += waiting;
    all += waiting;
    for (let at = 0; at <= looked; at++) present[at] /= all;
    const answering = max(steps, 1e-9);
    let rough = 0, working = 0, resting = 0, others = 0, held = 0, middle = 0, inBatch = 0;
    for (let at = 0; at <= looked; at++) {
      const chance = present[at], hold = extra[at] * batch[at] / (answering * decode[at]);
      rough += chance * (1 + hold + hold ** 2 * uneven / 2);
      working += chance * full[at];
      resting += chance * busyness[at];
      others += chance * (together[at] - 1);
      held += chance * extra[at];
      middle += chance * mean[min(at + 1, states)]; // a request sees itself, too
      inBatch += chance * batch[at];
    }
    if (steps <= 0) rough = 1;
    const beyond = fullness(present, inBatch, tabulated, rough, drain > rate), work = read * working / chunk;
    const busy = rate * work, load = max(busy, rate / drain), wait = rate * work ** 2 * uneven / (2 * (1 - busy));
    const waits = apart([busy, busy / wait], [beyond, (drain - rate) / rough]), rest = resting / 2 * (1 - present[0]);

    // Equally likely times to the first token without waiting for others.
    const seconds = table.map((row) => { let sum = 0; for (let at = 0; at <= looked; at++) sum += present[at] * row[at]; return sum; });
    const offsets = new Float64Array(LENGTHS), beside = others * read;
    let offset = 0;
    for (let at = 0; at < LENGTHS; at++) {
      const chunks = floor(lengths[at] / chunk), left = min(lengths[at] - chunks * chunk + beside, chunk);
      let right = 1;
      while (right < last && parts[right] < left) right += 1;
      const share = (left - parts[right - 1]) / (parts[right] - parts[right - 1]);
      offsets[at] = chunks * seconds[last] + seconds[right - 1] + (seconds[right] - seconds[right - 1]) * share + 2 * rest * golden[at];
      offset += offsets[at] / LENGTHS;
    }

    let spread = 0;
    for (let at = 0; at <= looked; at++) spread += present[at] * (mean[min(at + 1, states)] - middle) ** 2;
    spread *= averaged * rough;
    const free = max(1 - rate * held, 1e-3), behind = rate * ((load < 1 ? wait : 0) + offset), written = max(steps, 1);
    const shorter = (1 + variation) / written, ceiling = max(working, middle), gap = max(ceiling - middle, 1e-12);
    const heldUp = -gap * expm1(-behind * held / free * shorter / gap);
    spread += (held / free) ** 2 * uneven * shorter * (rate * middle + (behind + behind ** 2) / written);
    const writes = steps > 0 ? 1 : 0;
    middle = (middle + heldUp) * writes;
    return {load, stable: load < 1, batch: rate * steps * middle, busy, offsets, offset, waits, middle, spread: spread * writes, ceiling};
  }
  // The chance that the batch is full, with deviations from the mean √`rough` times those of the chain.
  function fullness(present, mean, {limit, stride, states}, rough, steady) {
    if (!steady) return 1;
    const at = mean + (limit - mean) / sqrt(rough), right = clip(ceil(at / stride), 1, states), share = clip(right - at / stride, 0, 1);
    let high = 0;
    for (let state = states; state >= right; state--) high += present[state];
    return high + present[right - 1] * share;
  }

  // The share of requests whose first token comes later than `seconds`.
  function late({offsets, waits: [[few, fast], [many, slow]]}, seconds) {
    let sum = 0;
    for (const offset of offsets) {
      const after = seconds - offset;
      if (after < 0) { sum += 1; continue; }
      const quick = exp(-fast * after), tardy = exp(-slow * after), both = (slow * quick - fast * tardy) / (slow - fast);
      sum += few * (1 - many) * quick + many * (1 - few) * tardy + few * many * both;
    }
    return sum / LENGTHS;
  }
  function firstToken(queue) {
    if (!queue.stable) return Infinity;
    let low = 0, high = queue.offsets.reduce((most, one) => max(most, one), 0) + 30 * (1 / queue.waits[0][1] + 1 / queue.waits[1][1]);
    for (let round = 0; round < bisections; round++) {
      const middle = (low + high) / 2;
      if (late(queue, middle) > 1 - percentile) low = middle; else high = middle;
    }
    return high;
  }
  function tokenQuantile({middle, spread, ceiling}) {
    const squared = log1p(spread / max(middle, 1e-9) ** 2);
    return min(middle * exp(quantile * sqrt(squared) - squared / 2), max(ceiling, middle));
  }
  const outputToken = (queue) => (queue.stable ? tokenQuantile(queue) : Infinity);

  // By how much a rate is too much: what comes late, slowly and in all over the bound of each, as logarithms.
  function excess(tabulated, {first, output}, rate) {
    const queue = underLoad(tabulated, rate), load = log(queue.load);
    const over = [log(late(queue, first) / (1 - percentile)), log(tokenQuantile(queue) / output), queue.stable ? load : max(load, cell)];
    return over.map((one) => (Number.isNaN(one) ? Infinity : one));
  }
  const holds = (tabulated, targets, rate) => rate < tabulated.most && excess(tabulated, targets, rate).every((one) => one <= 0);

  // The largest rate at which nothing is too much, to a part `cell` of what no load can exceed; see `_largest` in Python.
  function largestRate(tabulated, targets) {
    const {most} = tabulated, surplus = [0, 0, 0], below = [0, 0, 0], above = [0, 0, 0];
    let low = 0, high = 1, part = 1 - cell, held = false;
    for (let step = 0; high - low > cell || step === 0; step++) {
      excess(tabulated, targets, part * most).forEach((one, at) => { surplus[at] = clip(one, -10, 10); });
      const before = held;
      held = surplus.every((one) => one <= 0);
      for (let at = 0; at < 3; at++) { // an end that stays once more counts half
        if (held) { below[at] = surplus[at]; if (before) above[at] /= 2; } else { above[at] = surplus[at]; if (!before) below[at] /= 2; }
      }
      if (held) low = part; else high = part;
      if (high - low <= cell) break;
      let guess = Infinity;
      for (let at = 0; at < 3; at++) guess = min(guess, above[at] > 0 ? low + (high - low) * below[at] / (below[at] - above[at]) : high);
      if (high - low > min(1 / 8, 2 ** (8 - step))) guess = (low + high) / 2;
      if (low === 0) guess = step ? cell : 7 / 8;
      part = clip(even(guess / cell) * cell, low + cell, high - cell);
    }
    return low > 1e-8 ? low * most : 0;
  }
  const even = (value) => { const low = floor(value), rest = value - low; return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1; };

  return {grid, ask, tabulate, underLoad, late, firstToken, outputToken, excess, holds, largestRate};
}
