// The what-if panel: controls set the parameters of the page's charts, which compute; nothing is computed here but units.
(() => {
  const superscript = (number) => String(number).replace(/[-\d]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);
  const significant = (value, digits) =>
    Number(value).toLocaleString("en-US", {minimumSignificantDigits: digits, maximumSignificantDigits: digits});

  // As analysis/numerals.py writes results.
  function shown(value, whole) {
    if (whole && Math.abs(value) < 1e15) return value.toLocaleString("en-US", {maximumFractionDigits: 0});
    if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4)) return significant(value, 3);
    const [mantissa, exponent] = value.toExponential(2).split("e");
    return `${mantissa}\u00a0×\u00a010${superscript(Number(exponent))}`;
  }

  function latex(value) {
    if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e7)) {
      return value.toLocaleString("en-US", {maximumSignificantDigits: 7}).replaceAll(",", "{,}");
    }
    const [mantissa, exponent] = value.toExponential(4).split("e");
    return `${Number(mantissa)} \\times 10^{${Number(exponent)}}`;
  }

  // A fraction that never ends is cut where nobody would read on.
  const plain = (value) => (String(value).length > 12 ? String(Number(value.toPrecision(6))) : String(value));

  function start(section) {
    const panel = JSON.parse(section.querySelector("script[type='application/json']").textContent);
    const form = section.querySelector("form");
    const said = section.querySelector(".what-if-said");
    const summary = section.querySelector(".what-if-summary");
    const controls = new Map(panel.controls.map((control) => [control.name, control]));
    const field = (name) => form.elements.namedItem(name);
    const slider = (name) => form.querySelector(`input[type=range][data-field=${name}]`);
    const book = Object.fromEntries(panel.controls.map(({name, value}) => [name, value]));
    let state = {...book};

    // A slider counts steps; a logarithmic one has as many of each factor.
    const STEPS = 400;
    function ofSlider(control, step) {
      const share = step / STEPS;
      const value = control.scale === "log"
        ? control.from * (control.to / control.from) ** share
        : control.from + (control.to - control.from) * share;
      const rounded = control.whole ? Math.round(value) : Number(value.toPrecision(3));
      return Math.min(Math.max(rounded, control.least), control.most);
    }
    function toSlider(control, value) {
      const share = control.scale === "log"
        ? Math.log(value / control.from) / Math.log(control.to / control.from)
        : (value - control.from) / (control.to - control.from);
      return Math.round(STEPS * Math.min(Math.max(share, 0), 1));
    }

    const amount = (control, value) => `${plain(value)} ${control.unit}`.trim();
    const quoted = (given) => `“${given.length > 60 ? `${given.slice(0, 60)}…` : given}”`;
    // Numbers are read by the rule of analysis/units.py, whose pattern is handed over; so is what may be a decimal comma.
    const NUMBER = new RegExp(`^${panel.number}$`), FRACTION = new RegExp(`^(${panel.number})\\s*/\\s*(${panel.number})$`);
    const COMMA = new RegExp(`^${panel.comma}`), LONGEST = 80;
    function number(text) {
      if (NUMBER.test(text)) return Number(text.replace(/[,_]/g, ""));
      const [, above, below] = FRACTION.exec(text) ?? [];
      return above === undefined ? NaN : number(above) / number(below);
    }
    function wrongNumber(text) {
      const [, before, after] = COMMA.exec(text) ?? [];
      if (before === undefined) return "is not a number";
      const decimal = `${before.replaceAll(".", "")}.${after}`;
      if (after.length !== 3 || before.includes(".")) return `has a comma that is not between thousands; if it is a decimal comma, write ${decimal}`;
      return `can mean ${decimal}, with a decimal comma, or ${Number(before + after)}, with one between thousands; write one of these`;
    }
    function refuse(control, given, why) {
      return `${control.label}: ${quoted(given)} ${why}; allowed: ${amount(control, control.least)} to ${amount(control, control.most)}`;
    }

    // Return the value that a text means for a control, or throw what is wrong with it.
    function read(control, text) {
      if (control.kind === "name") {
        const known = control.name === "precision" ? Object.keys(panel.peaks[state.accelerator]) : Object.keys(panel.peaks);
        if (!known.includes(text)) throw new Error(`${control.label}: ${quoted(text)} is not known; there are: ${known.join(", ")}`);
        return text;
      }
      const given = text.length > LONGEST ? text.slice(0, LONGEST) : text.trim();
      if (text.length > LONGEST) throw new Error(refuse(control, given, "is too long for a number"));
      const bare = control.unit === "%" ? given.replace(/\s*%$/, "") : given;
      if (control.kind === "optional" && bare === "") return null;
      const value = number(bare);
      if (!Number.isFinite(value)) throw new Error(refuse(control, given, wrongNumber(bare)));
      if (value < control.least || value > control.most) throw new Error(refuse(control, given, "is out of range"));
      if (control.whole && !Number.isInteger(value)) throw new Error(`${control.label}: ${quoted(given)} is not a whole number`);
      return value;
    }

    // What the charts' parameters are called, in the package's units.
    function signals() {
      const found = {};
      for (const {name, kind, size} of panel.controls) {
        if (kind === "number") found[name] = state[name] * size;
      }
      const own = controls.get("peak");
      found.peak = state.peak === null ? panel.peaks[state.accelerator][state.precision] : state.peak * own.size;
      return found;
    }

    const views = () => [...document.querySelectorAll(".vega-figure")].map((figure) => window.chartView?.(figure)).filter(Boolean);
    const has = (view, name) => { try { view.signal(name); return true; } catch { return false; } };

    let typesetting = Promise.resolve();
    const equations = section.querySelector(".what-if-equations");
    function equate(results) {
      const values = signals();
      const texts = panel.equations.map(({stage, symbols, numbers, result}) => {
        const put = numbers.replace(/@(\w+)@/g, (_, name) => latex(values[name]));
        return `<p><strong>${stage}</strong>, accelerators before rounding up</p>`
          + `\\[\\begin{aligned} n &= ${symbols} \\\\ &= ${put} \\\\ &= ${latex(results[result])} \\end{aligned}\\]`;
      });
      typesetting = typesetting.then(async () => {
        if (!window.MathJax?.typesetPromise) return;
        const next = document.createElement("div");
        next.className = "what-if-unseen"; // laid out, since MathJax measures the text around it
        next.innerHTML = texts.join("");
        equations.append(next);
        await MathJax.typesetPromise([next]);
        const old = [...equations.children].filter((child) => child !== next);
        MathJax.typesetClear(old);
        for (const child of old) child.remove();
        next.className = "";
      }).catch(console.error);
    }

    // Hand the state to every chart that listens, and show what they computed.
    async function compute() {
      const given = signals(), results = {};
      const listening = views().filter((view) => has(view, "parameters"));
      if (listening.length < document.querySelectorAll(".vega-figure").length) return; // until every chart is drawn
      await Promise.all(listening.map((view) => {
        for (const [name, value] of Object.entries(given)) if (has(view, name)) view.signal(name, value);
        return view.runAsync();
      }));
      for (const view of listening) {
        for (const name of [...Object.keys(panel.results), ...panel.equations.map((one) => one.result)]) {
          if (has(view, name)) results[name] = view.signal(name);
        }
      }
      for (const cell of section.querySelectorAll("[data-result]")) {
        const name = cell.dataset.result;
        if (!(name in results)) continue;
        const unit = panel.results[name];
        cell.textContent = `${shown(results[name], /accelerators$|servers$/.test(name))} ${unit}`.trim();
      }
      for (const cell of section.querySelectorAll("[data-ratio]")) {
        const name = cell.dataset.ratio;
        if (name in results) cell.textContent = significant(results[name] / Number(cell.dataset.book), 3).replace(/^1\.00$/, "1");
      }
      section.results = results;
      summary.textContent = ["training", "inference"]
        .map((stage) => `${stage[0].toUpperCase()}${stage.slice(1)}: ${shown(results[`result_${stage}_accelerators`], true)} accelerators`)
        .join(" · ");
      if (panel.equations.every(({result}) => result in results)) {
        clearTimeout(section.later);
        section.later = setTimeout(() => equate(results), 120); // not while a slider is still moving
      }
    }

    function options(select, names, chosen) {
      select.replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
    }

    // Show the state in the controls; `except` is the one that the reader is typing in.
    function show(except) {
      options(field("precision"), Object.keys(panel.peaks[state.accelerator]), state.precision);
      field("accelerator").value = state.accelerator;
      for (const [name, control] of controls) {
        if (control.kind === "name") continue;
        const entry = field(name);
        if (entry !== except) entry.value = state[name] === null ? "" : plain(state[name]);
        entry.removeAttribute("aria-invalid");
        document.getElementById(`${entry.id}-wrong`).textContent = "";
        const range = slider(name);
        if (range) {
          if (range !== except) range.value = toSlider(control, state[name]);
          range.setAttribute("aria-valuetext", amount(control, state[name]));
        }
      }
      const peak = panel.peaks[state.accelerator][state.precision] / controls.get("peak").size;
      field("peak").placeholder = `${plain(peak)}, as ${String(panel.given) === `${state.accelerator},${state.precision}` ? "given" : "published"}`;
      // Two models may have the same numbers; the one that was chosen stays.
      const is = (model) => Object.entries(panel.models[model] ?? {"": null}).every(([name, value]) => state[name] === value);
      if (!is(field("model").value)) field("model").value = Object.keys(panel.models).find(is) ?? "";
    }

    // The address holds what differs from the book, as the controls show it: before the mark of a place in the page, so that
    // a link to another place keeps it, and so does a reload.
    function remember() {
      const changed = new URLSearchParams(), address = new URL(location.href);
      for (const [name, value] of Object.entries(state)) {
        if (value !== book[name] && value !== null) changed.set(name, typeof value === "number" ? String(value) : value);
      }
      address.searchParams.delete("what-if");
      if (changed.size) address.searchParams.set("what-if", changed);
      if (address.hash.startsWith("#what-if?")) address.hash = "";
      if (address.href !== location.href) history.replaceState(history.state, "", address);
    }
    function recall() {
      const written = location.hash.startsWith("#what-if?") ? location.hash.slice(9) : new URL(location.href).searchParams.get("what-if");
      if (written === null) return;
      const wrong = [], given = new URLSearchParams(written);
      state = {...book};
      // The chip first: which formats there are hangs on it.
      const names = [...given.keys()].sort((a, b) => (b === "accelerator") - (a === "accelerator"));
      for (const name of names) {
        try {
          if (!controls.has(name)) throw new Error(`${quoted(name)} is no field of this panel; there are: ${[...controls.keys()].join(", ")}`);
          state[name] = read(controls.get(name), given.get(name));
        } catch (error) {
          wrong.push(error.message);
        }
      }
      keepFormat();
      said.textContent = wrong.length ? `This link could not be read in full. ${wrong.join(". ")}.` : "";
    }

    // A chip may lack the format; the first that it has is taken, and said.
    function keepFormat() {
      const known = Object.keys(panel.peaks[state.accelerator]);
      if (known.includes(state.precision)) return "";
      const lacking = state.precision;
      state.precision = known.includes("BF16") ? "BF16" : known[0];
      return `${state.accelerator} has no published peak in ${lacking}; ${state.precision} is taken.`;
    }

    function changed(except) {
      show(except);
      remember();
      return compute();
    }

    form.addEventListener("input", (event) => {
      const target = event.target;
      const name = target.dataset.field ?? target.name;
      said.textContent = "";
      if (name === "model") {
        if (target.value) Object.assign(state, panel.models[target.value]);
      } else if (target.type === "range") {
        state[name] = ofSlider(controls.get(name), Number(target.value));
      } else {
        try {
          state[name] = read(controls.get(name), target.value);
        } catch (error) {
          target.setAttribute("aria-invalid", "true");
          document.getElementById(`${target.id}-wrong`).textContent = error.message;
          return;
        }
        if (name === "accelerator") said.textContent = keepFormat();
      }
      changed(target);
    });
    // What was refused gives way to the value that counts when the reader leaves the field.
    form.addEventListener("focusout", (event) => {
      if (event.target.getAttribute("aria-invalid")) {
        said.textContent = document.getElementById(`${event.target.id}-wrong`).textContent;
        show();
      }
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", (event) => {
      event.preventDefault();
      state = {...book};
      said.textContent = "All fields are as in this book.";
      changed();
    });

    function scenario() {
      const lines = ["# Written by the what-if panel", "title: From the what-if panel"];
      for (const {name, kind, unit} of panel.controls) {
        if (state[name] === null) continue;
        lines.push(`${name}: ${kind === "name" ? JSON.stringify(state[name]) : `${state[name]} ${unit}`.trim()}`);
      }
      // A chip that the data lack is known by its peak alone.
      const [chip, format] = panel.given ?? [];
      if (state.peak === null && state.accelerator === chip && state.precision === format) {
        lines.push(`peak: ${panel.peaks[chip][format] / controls.get("peak").size} TFLOPS`);
      }
      for (const [name, written] of Object.entries(panel.others)) lines.push(`${name}: ${JSON.stringify(written)}`);
      return `${lines.join("\n")}\n`;
    }
    section.querySelector("[data-action=download]").addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([scenario()], {type: "text/yaml"}));
      link.download = "what-if.yml";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      said.textContent = "what-if.yml: run it with python -m analysis estimate what-if.yml";
    });
    section.querySelector("[data-action=copy]").addEventListener("click", async () => {
      remember();
      try {
        await navigator.clipboard.writeText(location.href);
        said.textContent = "The link is copied.";
      } catch {
        said.textContent = "The browser lets no page copy here; take the link from the address bar.";
      }
    });

    options(field("accelerator"), Object.keys(panel.peaks), state.accelerator);
    for (const range of form.querySelectorAll("input[type=range]")) {
      range.min = 0;
      range.max = STEPS;
      range.step = 1;
    }
    recall();
    remember();
    form.hidden = summary.hidden = false;
    show();
    compute();
    addEventListener("hashchange", () => {
      if (!location.hash.startsWith("#what-if?")) return; // a place in the page
      recall();
      changed();
    });
    addEventListener("chart-drawn", compute);
    section.scenario = scenario;
  }

  document.querySelectorAll(".what-if").forEach(start);
})();
