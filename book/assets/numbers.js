// Every quoted number explains itself: pointing at it, moving to it, pressing or tapping it shows a card.
//
// Reading is not disturbed: of the numbers of a section one is reached by Tab, the others from there by the arrow keys.
(() => {
  const SOON = 350, LINGER = 300, GAP = 6, EDGE = 8, SHEET = 540, MOST_INPUTS = 6, MOST_FACTS = 3;
  const root = document.documentElement.dataset.content_root ?? "";

  // Numbers within links and the like can't be pressed themselves, nor can a text that is empty under this scenario.
  const inside = "a, button, summary, label, nav, .headerlink, .vega-figure";
  const find = () => [...document.querySelectorAll("article span.result[data-result]")]
    .filter((one) => one.textContent.trim() && !one.closest(inside));

  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  // One script for each notebook, from the book's own folder, when it is first asked for.
  const loading = new Map();
  function load(notebook) {
    if (!loading.has(notebook)) {
      loading.set(notebook, new Promise((resolve, reject) => {
        const script = element("script");
        script.src = `${root}_static/numbers/${notebook}.js`;
        script.onload = () => resolve(window.reportNumbers[notebook]);
        script.onerror = () => reject(new Error(`numbers of ${notebook}`));
        document.head.append(script);
      }));
    }
    return loading.get(notebook);
  }

  // What is nearest to the number, and the rest folded.
  function listed(items, most, rest) {
    const list = element("ul");
    if (items.length <= most + 1) {
      list.append(...items);
      return [list];
    }
    const more = element("details"), others = element("ul");
    list.append(...items.slice(0, most));
    others.append(...items.slice(most));
    more.append(element("summary", `${items.length - most} more ${rest}`), others);
    return [list, more];
  }

  function fill(card, number, book) {
    const [notebook, name] = number.dataset.result.split(":");
    const told = book.results[name];
    const head = element("p", number.textContent, "number-value");
    head.tabIndex = -1;
    const parts = [head];
    if (told) {
      head.append(" ", element("span", told.title));
      // The number's own formula, in words and with numbers; then what its names stand for.
      const lines = told.formula ?? [], own = lines.filter((line, place) => !place || line.startsWith("= "));
      const others = lines.filter((line) => !own.includes(line));
      for (const line of own) parts.push(element("p", line, "number-formula"));
      if (others.length) {
        const where = element("ul", undefined, "number-where");
        for (const line of others) {
          const [, name, said] = line.match(/^(.*?)((?: = |: ).*)$/) ?? [, "", line];
          const item = element("li", said);
          item.prepend(element("span", name));
          where.append(item);
        }
        parts.push(where);
      }
      const inputs = told.deck ? book.deckInputs : book.inputs;
      if (told.inputs) {
        parts.push(element("p", "From", "number-part"));
        parts.push(...listed(told.inputs.map((key) => {
          const [title, value, source] = inputs[key];
          const item = element("li", `${title}: `);
          item.append(element("strong", value), " ", element("span", source, "number-source"));
          return item;
        }), MOST_INPUTS, "assumptions"));
      }
      if (told.facts) {
        parts.push(element("p", "Facts read on the way", "number-part"));
        parts.push(...listed(told.facts.map((name) => {
          const [title, producer, address] = book.facts[name];
          const item = element("li"), link = element("a", title);
          link.href = `${root}${address}`;
          item.append(link, " ", element("span", producer, "number-source"));
          return item;
        }), MOST_FACTS, "files"));
      }
      if (told.code) {
        const shown = element("details");
        shown.append(element("summary", "Code"));
        const code = element("pre", told.code.map((place) => book.lines[place]).join("\n"));
        code.tabIndex = 0;
        code.setAttribute("role", "region");
        code.setAttribute("aria-label", "Code");
        shown.append(code);
        shown.open = !told.formula;
        parts.push(shown);
      }
    }
    const foot = element("p", "", "number-foot");
    const scenario = told?.deck ? book.deckTitle : book.scenario;
    if (scenario) foot.append(`Scenario: ${scenario}. `);
    const link = element("a", book.title);
    link.href = `${root}${book.page}${told ? `#cell-${told.cell}` : ""}`;
    foot.append("Notebook: ", link, ` (digest ${book.digest}).`);
    parts.push(foot);
    card.replaceChildren(...parts);
    card.setAttribute("aria-label", `How ${number.textContent} was made`);
  }

  function start() {
    const numbers = find();
    if (!numbers.length) return;
    const card = element("div", undefined, "number-card");
    card.popover = "auto"; // a press elsewhere closes it
    card.setAttribute("role", "dialog");
    document.body.append(card);
    let shown = null, later = 0, isReturning = false;

    function place() {
      if (!shown) return;
      card.classList.toggle("number-sheet", innerWidth <= SHEET);
      if (innerWidth <= SHEET) return card.removeAttribute("style");
      const at = shown.getClientRects()[0], {offsetWidth: width, offsetHeight: height} = card;
      const left = Math.min(Math.max(EDGE, at.left), document.documentElement.clientWidth - width - EDGE);
      const below = at.bottom + GAP + height <= innerHeight - EDGE;
      card.style.left = `${left}px`;
      card.style.top = `${below ? at.bottom + GAP : Math.max(EDGE, at.top - GAP - height)}px`;
    }

    async function show(number, enter = false) {
      clearTimeout(later);
      let book;
      try {
        book = await load(number.dataset.result.split(":")[0]);
      } catch {
        return; // the number is still there to be read
      }
      if (!number.isConnected) return;
      if (shown !== number) {
        hide();
        fill(card, number, book);
        shown = number;
        number.setAttribute("aria-expanded", "true");
        card.showPopover();
        place();
      }
      if (enter) card.querySelector(".number-value").focus();
    }
    function hide() {
      clearTimeout(later);
      if (shown) card.hidePopover();
    }
    // Before, since the event "toggle" comes late.
    card.addEventListener("beforetoggle", (event) => {
      if (event.newState === "closed" && shown) {
        if (card.contains(document.activeElement)) {
          isReturning = true;
          shown.focus({preventScroll: true});
          isReturning = false;
        }
        shown.setAttribute("aria-expanded", "false");
        shown = null;
      }
    });

    const soon = (action, time) => { clearTimeout(later); later = setTimeout(action, time); };
    const stays = () => card.matches(":hover") || card.contains(document.activeElement) || shown?.matches(":hover, :focus-visible");
    const leave = () => soon(() => stays() || hide(), LINGER);
    card.addEventListener("pointerleave", leave);
    card.addEventListener("pointerenter", () => clearTimeout(later));
    card.addEventListener("keydown", (event) => {
      if (event.key !== "Tab") return;
      const stops = [card.querySelector(".number-value"), ...card.querySelectorAll("a, summary, pre")]
        .filter((one) => one.checkVisibility());
      const last = event.shiftKey ? stops.slice(0, 2) : stops.slice(-1);
      if (last.includes(document.activeElement)) {
        event.preventDefault();
        hide();
      }
    });
    addEventListener("keydown", (event) => event.key === "Escape" && hide());
    addEventListener("scroll", place, {passive: true});
    addEventListener("resize", place);

    const home = (number) => number.closest("details, section") ?? document.body;
    const groups = new Map(); // section -> its numbers
    numbers.forEach((number, index) => {
      const group = groups.get(home(number)) ?? groups.set(home(number), []).get(home(number));
      group.push(number);
      number.setAttribute("role", "button");
      number.setAttribute("aria-haspopup", "dialog");
      number.setAttribute("aria-expanded", "false");
      number.tabIndex = group.length === 1 ? 0 : -1;

      number.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && soon(() => show(number), SOON));
      number.addEventListener("pointerleave", leave);
      number.addEventListener("focus", () => !isReturning && number.matches(":focus-visible") && soon(() => show(number), SOON));
      number.addEventListener("blur", leave);
      // A second tap closes the card: the browser does so itself, before the click.
      let isSecond = false;
      number.addEventListener("pointerdown", (event) => { isSecond = event.pointerType === "touch" && shown === number; });
      number.addEventListener("click", () => (isSecond ? hide() : show(number)));
      number.addEventListener("keydown", (event) => {
        const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          show(number, true);
        } else if (step) {
          let place = index + step;
          while (numbers[place] && !numbers[place].checkVisibility()) place += step; // an answer may be closed
          const next = numbers[place];
          if (!next) return;
          event.preventDefault();
          for (const one of groups.get(home(next))) one.tabIndex = one === next ? 0 : -1;
          next.focus();
        }
      });
    });
  }

  start();
})();
