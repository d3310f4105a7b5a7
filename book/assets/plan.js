// The page "Plan a run": reads what is asked, has planning.js search in a worker, and shows what comes back.
(() => {
  const LONGEST = 80, SIZES = {k: 1e3, thousand: 1e3, m: 1e6, million: 1e6, b: 1e9, g: 1e9, billion: 1e9, t: 1e12, trillion: 1e12};
  const quoted = (text) => `“${text.length > 60 ? `${text.slice(0, 60)}…` : text}”`;
  const make = (tag, fill = {}, ...children) => {
    const {text, ...attributes} = fill, node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };

  function start(section) {
    const page = JSON.parse(section.querySelector("script[type='application/json']").textContent);
    const {data} = page, planner = planning(engine, data), {words, whole, short, significant, written} = planner;
    const form = section.querySelector("form"), field = (name) => form.elements.namedItem(name);
    const controls = new Map(page.controls.map((control) => [control.name, control]));
    const [answer, working, said] = ["answer", "working", "said"].map((name) => section.querySelector(`.planner-${name}`));
    const shown = Object.fromEntries([...section.querySelectorAll("[data-shown]")].map((box) => [box.dataset.shown, box]));
    const book = Object.fromEntries(page.controls.map(({name, value}) => [name, value]));
    const amounts = Object.fromEntries(Object.entries(page.given).flatMap(([choice, fields]) => Object.keys(fields).map((name) => [name, choice])));
    const UNITS = /^\$\s*|\s*(\$|dollars|tokens|days|chips|users|times|ms|s|%)$/gi, service = section.querySelector(".planner-service");
    let state = {...book}, own = null;

    // A model by part of its name, whatever its case; what fits several is refused with some of them.
    const bare = (name) => name.toLowerCase().replace(/[^a-z0-9.]/g, "");
    function modelNamed(text) {
      const part = bare(text), names = Object.keys(data.models);
      if (own && text === own.name) return own;
      const exact = names.find((name) => name === text) ?? names.find((name) => bare(name) === part);
      const fits = exact ? [exact] : part ? names.filter((name) => bare(name).includes(part)) : [];
      if (fits.length === 1) return {...data.models[fits[0]], name: fits[0]};
      if (!fits.length) throw new Error(`Model: ${quoted(text)} is part of no name in the library; drop its config.json here`);
      throw new Error(`Model: ${quoted(text)} is part of ${fits.length} names: ${fits.slice(0, 6).join(", ")}${fits.length > 6 ? " …" : ""}`);
    }

    // The value that a text means for a control, or an error that says what is wrong with it. Empty means: not said.
    function read(control, given) {
      const text = String(given).trim(), {label, least, most, unit} = control;
      if (text.length > LONGEST) throw new Error(`${label}: ${quoted(text)} is too long`);
      if (control.kind === "model") return modelNamed(text).name;
      if (control.kind === "choice") {
        const known = choices(control.name);
        if (!known.includes(text)) throw new Error(`${label}: ${quoted(text)} is not known; there are: ${known.join(", ")}`);
        return text;
      }
      if (text === "" && control.optional) return "";
      const found = /^([\d][\d,_]*(?:\.\d+)?|\.\d+)(e[+-]?\d{1,3})?\s*([a-z]*)$/i.exec(text.replace(UNITS, ""));
      const size = found?.[3] ? SIZES[found[3].toLowerCase()] : 1;
      const value = found && size ? Number(found[1].replace(/[,_]/g, "") + (found[2] ?? "")) * size : NaN;
      const range = `allowed: ${words(least)} to ${words(most)}${unit ? ` ${unit}` : ""}`;
      if (!Number.isFinite(value)) throw new Error(`${label}: ${quoted(text)} is not a number; ${range}`);
      if (value < least || value > most) throw new Error(`${label}: ${quoted(text)} is out of range; ${range}`);
      if (control.whole && !Number.isInteger(value)) throw new Error(`${label}: ${quoted(text)} is not a whole number`);
      return text;
    }
    const number = (name) => {
      const text = state[name].trim().replace(UNITS, ""), [, digits, word] = /^([\d.,_]+(?:e[+-]?\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
      return digits === undefined ? null : Number(digits.replace(/[,_]/g, "")) * (SIZES[word.toLowerCase()] ?? 1);
    };
    function choices(name) {
      if (name === "chip") return Object.keys(data.chips);
      if (name === "weights") return Object.keys(data.chips[state.chip].serving);
      return page.given[name] ? Object.keys(page.given[name]) : Object.keys(data.chips[state.chip].machine);
    }

    // The chip as it was changed: what is left empty stays as published.
    function chip() {
      const known = data.chips[state.chip], places = data.fields.machine, place = (name) => places.indexOf(name);
      const machine = Object.fromEntries(Object.entries(known.machine).map(([precision, values]) => [precision, [...values]]));
      const [memory, bandwidth, peak, links, rent] = ["memory", "memory_bandwidth", "peak", "links", "rent"].map(number);
      for (const values of Object.values(machine)) {
        if (memory !== null) values[place("memory_bytes")] = memory * 1e9;
        if (bandwidth !== null) values[place("memory_bandwidth")] = bandwidth * 1e12;
        if (links !== null) values[place("link_bandwidth")] = links / 2 * 1e9;
        if (peak !== null) {
          const factor = peak * 1e12 / values[place("peak_16bit")], wide = values[place("element_bytes")] >= 2;
          for (const name of ["peak_16bit", "reached_16bit", ...(wide ? ["peak", "reached"] : [])]) values[place(name)] *= factor;
        }
      }
      return {...known, machine, rent: rent === null ? known.rent : [rent, 0, 0]};
    }

    function request() {
      const model = modelNamed(state.model), sequence = number("sequence") ?? Math.min(data.rules.sequence, model.longest || Infinity);
      return {
        model, chip: chip(), chipName: state.chip, precision: state.precision, tokens: number("tokens"), sequence,
        batchTokens: number("batch_tokens"), by: state.by, amount: number(state.by),
        weights: state.weights, prompt: number("prompt"), answer: number("answer"), cached: number("cached") / 100, peak: number("busiest"),
        perSecond: state.demand === "users" ? number("users") * data.rules.requestsPerUser / 86400 : number("requests"),
        ttft: number("ttft"), tpot: number("tpot") / 1000,
        others: page.others.filter((name) => name !== state.chip).map((name) => [name, data.chips[name]]),
      };
    }

    // The worker is made of the page's own functions, since a page from disk can load no file for one.
    let worker = null, id = 0, asking = null, latest = {};
    function ask() {
      asking = request();
      latest = {asking, compared: []};
      working.textContent = "Searching the plans …";
      section.setAttribute("aria-busy", "true");
      if (!worker) {
        const text = `${engine}\n${queueing}\n${serving}\n${planning}\n(${planningWorker})(planning(engine, ${JSON.stringify(data)}));`;
        worker = new Worker(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
        worker.onmessage = ({data: message}) => message.id === id && hear(message);
      }
      worker.postMessage({...asking, id: (id += 1)});
    }
    function hear(message) {
      if (message.progress) working.textContent = `Searching the plans: ${message.progress.at} of ${message.progress.of} numbers of chips …`;
      if (message.sketch) { tell(message.sketch); section.dataset.sketched = "yes"; }
      if (message.answer || (message.refused && !message.name)) section.dataset.answered = "yes";
      if (message.answer) { latest.answer = message.answer; tell(message.answer); working.textContent = "The same on other numbers of chips …"; }
      if (message.expected) section.dataset.expected = "yes";
      if (message.expected) service.textContent = sentence({...message, chips: {low: NaN, expected: message.expected, high: NaN}});
      if (message.served) { latest.served = message.served; tellServed(message); section.dataset.served = "yes"; }
      if (message.curve) { latest.curve = message.curve; drawCurve(message.curve); working.textContent = "The same on other chips …"; }
      if (message.name) { latest.compared.push(message); compare(); }
      if (message.refused && !message.name) {
        answer.textContent = message.refused;
        section.classList.add("planner-refused");
      }
      if (message.done || (message.refused && !message.name)) {
        working.textContent = "";
        section.removeAttribute("aria-busy");
        section.plan = latest;
      }
    }

    const digits = (count) => (value) => words(value, count);
    const millions = (value) => short(value / 1e6, 2);
    const dollarsOf = ({rent, owned}) => (rent ? written(rent, millions) : owned ? `owned: ${written(owned, millions)}` : "not known");
    const percent = (value) => `${short(100 * value, 3)}%`;
    const gigabytes = (value) => `${short(value / 1e9, 3)} GB`;
    function tell(plan) {
      const {model, chipName, tokens, sequence} = asking, [batch, tensor, pipeline, virtual, replicas, , expert, zero, recompute, , , micro] = plan.plan;
      section.classList.remove("planner-refused");
      const dollars = plan.dollars ? `, for ${written(plan.dollars, digits(2))} dollars` : "";
      answer.textContent = `${whole(plan.chips.expected)} ${chipName} train ${model.name} on ${words(tokens)} tokens in ${written(plan.days, digits(3))} days${dollars}.`;
      const kinds = ["nothing", "selectively", "all"], more = plan.recomputed > 0 && recompute < 2 ? `, and ${percent(plan.recomputed)} of layers whole` : "";
      const rows = [
        ["Chips", "芯片数", written(plan.chips, whole)],
        ["Plan", "并行方案", `tensor ${tensor}, pipeline ${pipeline}${virtual > 1 ? ` in ${virtual} chunks` : ""}, data ${replicas}${model.experts ? `, expert ${expert}` : ""}, ZeRO ${zero}`],
        ["Batch", "批大小", `${whole(batch)} sequences of ${whole(sequence)} tokens, ${micro} at once`],
        ["Recomputed", "重计算", `${kinds[recompute]}${more}`],
        ["A step", "每步时间", `${written(plan.step_seconds, digits(3))} seconds`],
        ["Tokens a second and chip", "每芯片每秒词元", written(plan.tokens_per_second_per_chip, digits(3))],
        ["Utilization in steps (MFU)", "算力利用率", written(plan.model_flops_utilization, percent)],
        ["Sustained over the run", "全程利用率", written(plan.sustained, percent)],
        ["Chip-hours", "芯片小时", written(plan.chip_hours, digits(3))],
        ["Energy of the site", "能耗", `${written(plan.megawatt_hours, digits(2))} MWh at most`],
        ["Rent", "租用成本", plan.rent ? `${written(plan.rent, digits(2))} dollars` : "no price is known"],
        ["Owning", "自建成本", plan.owned ? `${written(plan.owned, digits(2))} dollars` : "no price is known"],
      ];
      shown.plan.replaceChildren(...rows.map(([name, chinese, value]) => make("tr", {}, heading(name, chinese), make("td", {text: value}))));
      const usable = asking.chip.machine[asking.precision][data.fields.machine.indexOf("memory_bytes")];
      bars(shown.memory, {...plan.memory, free: Math.max(usable - plan.memory_bytes.expected, 0)}, usable, gigabytes);
      shown.fits.textContent = `${written(plan.memory_bytes, (value) => short(value / 1e9, 3))} GB of ${gigabytes(usable)} are filled.`;
      bars(shown.parts, plan.parts, plan.step_seconds.expected, percent, plan.step_seconds.expected);
    }
    function heading(name, chinese) {
      return make("th", {scope: "row", text: `${name} `}, ...(chinese ? [make("span", {lang: "zh", text: `(${chinese})`})] : []));
    }
    function bars(body, parts, most, write, unit = 1) {
      const rows = Object.entries(parts).filter(([, value]) => value > 0.0005 * most).sort((a, b) => b[1] - a[1]);
      body.replaceChildren(...rows.map(([name, value]) => {
        const bar = make("div", {class: "planner-bar", "aria-hidden": "true"});
        bar.style.width = `${Math.min(100 * value / most, 100)}%`;
        return make("tr", {}, heading(name, page.words[name]), make("td", {class: "number", text: write(value / unit)}), make("td", {class: "planner-bars"}, bar));
      }));
    }

    // Days, and dollars, against chips; the band is the interval.
    function drawCurve(rows) {
      const mine = latest.answer;
      for (const [name, title, unit] of [["days", "Days", "days"], ["dollars", "Dollars", "dollars"]]) {
        const points = rows.filter((row) => row[name]).map((row) => [row.chips.expected, row[name].expected, row[name].low, row[name].high]);
        const [first, last] = [points[0], points.at(-1)];
        shown[name].replaceChildren(points.length < 2 ? make("p", {text: "No price is known."}) : plannerPicture({
          y: title, x: "chips", lines: [points], words, dot: mine?.[name] && [mine.chips.expected, mine[name].expected],
          label: `${title} over numbers of chips: ${words(first[1])} ${unit} on ${whole(first[0])}, ${words(last[1])} on ${whole(last[0])}.`,
        }));
      }
      shown.curve.replaceChildren(...rows.map((row) => make("tr", {}, ...[
        whole(row.chips.expected), written(row.days, digits(3)), dollarsOf(row), percent(row.sustained.expected),
      ].map((text) => make("td", {class: "number", text})))));
    }
    function compare() {
      const rows = [{name: state.chip, precision: state.precision, compared: latest.answer}, ...latest.compared];
      shown.chips.replaceChildren(...rows.map(({name, precision, compared, refused}) => make("tr", {}, make("th", {scope: "row", text: name}), make("td", {text: precision}),
        ...(refused ? [make("td", {colspan: "4", text: refused})] : [
          whole(compared.chips.expected), written(compared.days, digits(3)), dollarsOf(compared), percent(compared.sustained.expected),
        ].map((text) => make("td", {class: "number", text}))))));
    }

    // The service, in words as `ServingPlan.sentence` has it; without its interval while that is being searched.
    const HOW = {together: "by the same chips", apart: "by chips of their own"};
    function sentence({chips, kind, rent, owned}) {
      const {model, chipName, perSecond} = asking, count = Number.isNaN(chips.low) ? words(chips.expected) : written(chips);
      const dollars = rent ?? owned ? `, for ${written(rent ?? owned, (value) => significant(value, 2))} dollars a million tokens of answers` : "";
      return `${count} ${chipName} serve ${words(perSecond)} requests a second with ${model.name}${dollars}; prompts are read and answers written ${HOW[kind]}.`;
    }
    const shape = (one) => ["tensor", "pipeline", "data", "expert"].filter((name) => one[name] > 1).map((name) => `${name} ${one[name]}`).join(", ") || "one chip";
    function tellServed({served, curves}) {
      const refused = Boolean(served.refused), two = (value) => significant(value, 2);
      service.textContent = refused ? served.refused : sentence(served);
      service.classList.toggle("planner-wrong", refused);
      for (const name of ["service", "writing", "cache", "speeds", "deployments"]) shown[name].replaceChildren();
      if (!refused) {
        const roles = {both: ["Replicas", "副本"], reads: ["Replicas that read prompts", "预填充副本"], writes: ["Replicas that write answers", "解码副本"]};
        const rows = [
          ["Chips", "芯片数", written(served.chips)],
          ...served.pools.map((one) => [...roles[one.role], `${whole(one.replicas)} × ${whole(one.chips)} chips: ${shape(one)}`]),
          ["A replica carries", "单副本吞吐", `${served.pools.map((one) => words(one.rate, 3)).join(" and ")} requests a second`],
          ["Answers under way in a replica", "并发请求", words(served.pools.at(-1).batch, 3)],
          ["First token", "首词元时间", `${significant(served.ttft)} seconds for 95% of requests`],
          ["Each further token", "每词元时间", `${significant(1000 * served.tpot)} ms for 95% of requests`],
          ["Tokens a second and chip", "每芯片每秒词元", written(served.tokens_per_second_per_chip, digits(3))],
          ["Rent, a million tokens of answers", "租用成本", served.rent ? `${written(served.rent, two)} dollars` : "no price is known"],
          ["Owning, a million tokens of answers", "自建成本", served.owned ? `${written(served.owned, two)} dollars` : "no price is known"],
          ["Power of the site", "功率", `${written(served.megawatts, two)} MW at most`],
        ];
        shown.service.replaceChildren(...rows.map(([name, chinese, value]) => make("tr", {}, heading(name, chinese), make("td", {text: value}))));
        const step = Object.values(served.parts).reduce((sum, one) => sum + one, 0), {chip: on, weights} = asking;
        bars(shown.writing, served.parts, step, percent, step);
        bars(shown.cache, served.memory, on.machine[on.serving[weights].compute][data.fields.machine.indexOf("memory_bytes")], gigabytes);
      }
      if (!curves.length) return;
      const lines = curves.map(({line}) => line.map(({seconds, speed}) => [1000 * seconds, speed])), writer = served.pools?.at(-1);
      const speed = writer && served.tokens_per_second_per_chip.expected;
      shown.speeds.replaceChildren(plannerPicture({
        y: "tokens a second and chip", x: "ms a token", lines, words, dot: writer && [1000 * served.tpot, speed],
        label: `Tokens a second and chip against the time per token, for ${curves.length} replicas.`,
      }));
      shown.deployments.replaceChildren(...curves.map((one) => make("tr", {}, make("th", {scope: "row", text: shape(one)}), ...[
        whole(one.chips), gigabytes(one.weights), whole(one.largest), short(1000 * one.line.at(-1).seconds, 3), words(one.line.at(-1).speed, 3),
      ].map((text) => make("td", {class: "number", text})))));
    }

    function show(except) {
      for (const name of ["chip", "precision", "weights", ...Object.keys(page.given)]) {
        const select = field(name), known = choices(name);
        if (name === "precision" || name === "weights") select.replaceChildren(...known.map((one) => new Option(one)));
        select.value = state[name];
      }
      for (const [name] of controls) {
        const entry = field(name);
        if (entry !== except && controls.get(name).kind !== "choice") entry.value = state[name];
        entry.removeAttribute("aria-invalid");
        document.getElementById(`${entry.id}-wrong`).textContent = "";
        if (name in amounts) entry.closest(".what-if-field").hidden = name !== state[amounts[name]];
      }
    }
    function keepFormat() {
      const said = [];
      for (const name of ["precision", "weights"]) {
        const known = choices(name), lacking = state[name];
        if (known.includes(lacking)) continue;
        state[name] = known[0];
        said.push(`${state.chip} has no published peak in ${lacking}; ${known[0]} is taken.`);
      }
      return [...new Set(said)].join(" ");
    }
    // The address holds what differs; a model from a file is not in it.
    function remember() {
      const changed = new URLSearchParams(), address = new URL(location.href);
      for (const [name, value] of Object.entries(state)) if (value !== book[name] && !(own && value === own.name)) changed.set(name, value);
      address.searchParams.delete("plan");
      if (changed.size) address.searchParams.set("plan", changed);
      if (address.href !== location.href) history.replaceState(history.state, "", address);
    }
    function recall() {
      const text = new URL(location.href).searchParams.get("plan");
      if (text === null) return;
      const wrong = [], given = text.length > 4000 ? new URLSearchParams() : new URLSearchParams(text);
      if (text.length > 4000) wrong.push("It is too long");
      for (const name of [...given.keys()].sort((a, b) => (b === "chip") - (a === "chip"))) {
        try {
          if (!controls.has(name)) throw new Error(`${quoted(name)} is no field of this page`);
          state[name] = read(controls.get(name), given.get(name));
        } catch (error) {
          wrong.push(error.message);
        }
      }
      keepFormat();
      said.textContent = wrong.length ? `This link could not be read in full. ${wrong.join(". ")}.` : "";
    }

    let later;
    function changed(except) {
      for (const name of ["sketched", "answered", "expected", "served"]) delete section.dataset[name];
      show(except);
      remember();
      clearTimeout(later);
      later = setTimeout(ask);
    }
    form.addEventListener("input", ({target}) => {
      if (!controls.has(target.name)) return;
      said.textContent = "";
      try {
        state[target.name] = read(controls.get(target.name), target.value);
      } catch (error) {
        target.setAttribute("aria-invalid", "true");
        document.getElementById(`${target.id}-wrong`).textContent = error.message;
        return;
      }
      if (target.name === "chip") said.textContent = keepFormat();
      changed(target);
    });
    form.addEventListener("focusout", ({target}) => {
      if (target.getAttribute?.("aria-invalid")) {
        said.textContent = document.getElementById(`${target.id}-wrong`).textContent;
        show();
      } else if (target.name === "model") target.value = state.model;
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      state = {...book};
      own = null;
      said.textContent = "All fields are as they were.";
      changed();
    });

    function save(name, type, text) {
      const link = make("a", {href: URL.createObjectURL(new Blob([text], {type})), download: name});
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }
    const actions = {
      table() {
        const columns = ["chips", "days", "chip_hours", "rent", "owned", "megawatt_hours", "model_flops_utilization", "sustained"];
        const head = columns.flatMap((name) => (name === "chips" ? [name] : [name, `low_${name}`, `high_${name}`]));
        const cells = (row) => columns.flatMap((name) => (name === "chips" ? [row.chips.expected] : ["expected", "low", "high"].map((end) => row[name]?.[end] ?? "")));
        save("plan.csv", "text/csv", [head, ...(latest.curve ?? []).map(cells)].map((line) => line.join(",")).join("\n") + "\n");
        said.textContent = "plan.csv: what a run takes on each number of chips.";
      },
      scenario() {
        const {model, chipName, tokens} = asking, plan = latest.answer;
        if (!plan) { said.textContent = "There is no plan yet to write down."; return; }
        const lines = {
          title: `${model.name} on ${whole(plan.chips.expected)} ${chipName}`, parameters: String(model.active), training_tokens: String(tokens),
          training_time: `${plan.days.expected} days`, accelerator: chipName, precision: asking.precision.toUpperCase(),
          utilization: `${100 * plan.sustained.expected}%`,
        };
        save("plan.yml", "text/yaml", Object.entries(lines).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`).join(""));
        said.textContent = "plan.yml: make book SCENARIO=plan.yml, or python -m analysis estimate plan.yml";
      },
      async copy() {
        remember();
        try {
          await navigator.clipboard.writeText(location.href);
          said.textContent = own && state.model === own.name ? "The link is copied; the model of your file is not in it." : "The link is copied.";
        } catch {
          said.textContent = "The browser lets no page copy here; take the link from the address bar.";
        }
      },
    };
    for (const button of section.querySelectorAll("[data-action]")) button.addEventListener("click", actions[button.dataset.action]);

    // A config.json, chosen or dropped, is read here and sent nowhere.
    async function take(file) {
      if (!file) return;
      try {
        if (file.size > 1e6) throw new Error(`${file.name}: has ${whole(file.size)} bytes; a config.json has at most a million`);
        own = modelOfFile(await file.text(), file.name, data);
        state.model = own.name;
        said.textContent = `${own.name} is read: ${words(own.parameters)} parameters in ${own.layers} layers. It is sent nowhere.`;
        changed();
      } catch (error) {
        said.textContent = error.message;
      }
    }
    section.querySelector("input[type=file]").addEventListener("change", ({target}) => take(target.files[0]));
    const dragged = (event, over) => { event.preventDefault(); section.classList.toggle("planner-over", over); };
    section.addEventListener("dragover", (event) => dragged(event, true));
    section.addEventListener("dragleave", (event) => dragged(event, false));
    section.addEventListener("drop", (event) => { dragged(event, false); take(event.dataTransfer.files[0]); });

    recall();
    form.hidden = false;
    for (const box of section.querySelectorAll(".planner-shown")) box.hidden = false;
    show();
    remember();
    ask();
  }

  document.querySelectorAll(".planner").forEach(start);
})();
