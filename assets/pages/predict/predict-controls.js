/* The Predict form's controls, one kind a function. Each takes its slot in the page and its
   description (app/modeldesk/web/ui/pages/predict/widgets.py `control`), calls `edit(text | null)` when a person changes it,
   and returns {set(text | null), element}: how to show a value, and what takes the focus. */
(function () {
  "use strict";
  const modeldesk = (window.modeldesk = window.modeldesk || {});
  const desk = (modeldesk.predict = modeldesk.predict || {});

  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/;
  const GROUPED = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/;

  /** A typed number as the server reads it (predict_values.read_number), or NaN. */
  desk.readNumber = function (text) {
    if (text === null || text === undefined) return NaN;
    let plain = text.trim().replace(/\u2212/g, "-").replace(/[\u00a0\u202f]/g, "");
    if (GROUPED.test(plain)) plain = plain.replace(/,/g, "");
    return NUMBER.test(plain) ? Number(plain) : NaN;
  };

  /** An element with attributes and children; a null attribute is left out. */
  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }
  desk.make = make;

  /** A sentence of the page's text.py by its key, its placeholders filled. */
  desk.say = (key, parts) => modeldesk.say(desk.text[key], parts);
  const say = desk.say;

  function described(spec) {
    return { "aria-describedby": `about-${spec.n}` };
  }

  function textInput(spec, attributes) {
    return make("input", {
      id: `input-${spec.n}`, class: "md-input", type: "text", autocomplete: "off", spellcheck: "false",
      placeholder: spec.missing ? say("not_known") : null, ...described(spec), ...attributes,
    });
  }

  const PLAIN = /^[+-]?\d+(\.\d+)?$/;
  /** A typed number with its thousands apart, as numbers of this input stand everywhere. */
  function grouped(text, spec) {
    if (!spec.grouped || !PLAIN.test(text)) return text;
    const [whole, ...rest] = text.split(".");
    return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...rest].join(".").replace("-", "\u2212");
  }
  desk.grouped = grouped;

  const emptyIsNull = (text) => (text.trim() === "" ? null : text);

  /* A number shows its default rounded for reading; its exact digits come up when it is entered,
     and they are what is sent until somebody types. */
  function number(slot, spec, edit, extra) {
    const input = textInput(spec, { inputmode: spec.type === "integer" && spec.low >= 0 ? "numeric" : "decimal" });
    let exact = null;
    const shown = () => (exact !== null && exact === spec.value ? spec.shown : grouped(exact ?? "", spec));
    input.addEventListener("input", () => { exact = emptyIsNull(input.value); edit(exact); if (extra) extra(exact); });
    input.addEventListener("focus", () => { if (input.value !== (exact ?? "")) { input.value = exact ?? ""; input.select(); } });
    input.addEventListener("blur", () => { input.value = shown(); });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      const moved = stepped(exact, spec, event.key === "ArrowUp" ? 1 : -1);
      if (moved === null) return;
      event.preventDefault();
      exact = input.value = moved;
      edit(exact, true);
      if (extra) extra(exact);
    });
    slot.append(input);
    return {
      element: input,
      set(text) { exact = text; input.value = document.activeElement === input ? exact ?? "" : shown(); if (extra) extra(text); },
    };
  }

  /** The next multiple of the step, without the dust that adding decimals leaves; null without one. */
  function stepped(text, spec, direction) {
    const value = desk.readNumber(text);
    if (!spec.step || Number.isNaN(value) || Math.abs(value) > 1e15) return null;
    const decimals = Math.max(decimalsOf(spec.step), decimalsOf(value));
    const next = Number((value + direction * spec.step).toFixed(Math.min(decimals, 12)));
    if ((spec.min !== null && next < spec.min) || (spec.max !== null && next > spec.max)) return null;
    return String(next);
  }

  function decimalsOf(value) {
    const [mantissa, exponent] = String(value).split("e");
    return Math.max(0, (mantissa.split(".")[1] || "").length - Number(exponent || 0));
  }

  function slider(slot, spec, edit) {
    const range = make("input", {
      type: "range", class: "form-range", min: spec.from, max: spec.to, step: spec.step || "any",
      "aria-label": spec.label, ...described(spec),
    });
    const wide = spec.to - spec.from;
    const follow = (text) => {
      const value = desk.readNumber(text);
      range.classList.toggle("is-empty", Number.isNaN(value));
      if (Number.isNaN(value)) return;
      range.value = value;
      range.style.setProperty("--fill", `${wide ? Math.min(100, Math.max(0, ((value - spec.from) / wide) * 100)) : 0}%`);
    };
    const box = make("div", { class: "position-relative" });
    const typed = number(box, spec, edit, follow);
    if (spec.unit) box.append(make("span", { class: "md-unit text-truncate md-small text-body-secondary", "aria-hidden": "true" }, spec.unit));
    range.addEventListener("input", () => { typed.set(range.value); edit(range.value, true); });
    slot.append(make("div", { class: "md-slider d-grid gap-3 align-items-center" }, range, box));
    return typed;
  }

  function choices(spec) {
    return spec.missing ? [...spec.options, [null, say("not_known")]] : spec.options;
  }

  /* Few choices side by side: one stop of the Tab key, arrows move, as radio buttons do. */
  function segmented(slot, spec, edit) {
    const group = make("div", { id: `input-${spec.n}`, class: "md-segments", role: "radiogroup", "aria-labelledby": `label-input-${spec.n}`, ...described(spec) });
    const other = otherValue(spec, edit);
    const buttons = choices(spec).map(([text, label]) => {
      const button = make("button", { type: "button", role: "radio", class: "md-segment text-truncate" }, label);
      button.addEventListener("click", () => { select(text); edit(text, true); });
      return { text, button };
    });
    if (other) {
      const button = make("button", { type: "button", role: "radio", class: "md-segment text-truncate" }, say("other"));
      button.addEventListener("click", () => { mark(button); other.open(); });
      buttons.push({ text: undefined, button });
    }
    function mark(chosen) {
      const stop = chosen || buttons[0].button;
      for (const { button } of buttons) {
        button.setAttribute("aria-checked", String(button === chosen));
        button.tabIndex = button === stop ? 0 : -1;
      }
    }
    function select(text) {
      const found = buttons.find((item) => item.text === text);
      const outside = !found && other && text !== null;
      mark(found ? found.button : outside ? buttons[buttons.length - 1].button : null);
      if (other) other.show(outside ? text : null);
    }
    group.addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!move) return;
      event.preventDefault();
      const at = buttons.findIndex(({ button }) => button === document.activeElement);
      const next = buttons[(at + move + buttons.length) % buttons.length];
      next.button.focus();
      next.button.click();
    });
    group.append(...buttons.map(({ button }) => button));
    slot.append(group, ...(other ? [other.element] : []));
    return { get element() { return group.querySelector('[tabindex="0"]') || group; }, set: select };
  }

  /* Where the model takes values that were never seen: a place to type one. */
  function otherValue(spec, edit) {
    if (!spec.free) return null;
    const input = make("input", { type: "text", class: "md-input mt-2", autocomplete: "off", "aria-label": say("another_of", spec), placeholder: say("another"), hidden: true });
    input.addEventListener("input", () => edit(emptyIsNull(input.value)));
    return {
      element: input,
      open() { input.hidden = false; input.focus(); edit(emptyIsNull(input.value), true); },
      show(text) { input.hidden = text === null; if (text !== null && document.activeElement !== input) input.value = text; },
    };
  }

  const NOT_KNOWN = "\u0000not-known";
  const OTHER = "\u0000other";

  function select(slot, spec, edit) {
    const list = make("select", { id: `input-${spec.n}`, class: "form-select", ...described(spec) });
    const other = otherValue(spec, edit);
    list.append(make("option", { value: "", disabled: true, hidden: true }, say("choose")));
    if (spec.missing) list.append(make("option", { value: NOT_KNOWN }, say("not_known")));
    for (const [text, label] of spec.options) list.append(make("option", { value: `=${text}` }, label));
    if (other) list.append(make("option", { value: OTHER }, say("another_option")));
    list.addEventListener("change", () => {
      if (list.value === OTHER) return other.open();
      if (other) other.show(null);
      edit(list.value === NOT_KNOWN ? null : list.value.slice(1), true);
    });
    slot.append(list, ...(other ? [other.element] : []));
    const known = new Set(spec.options.map(([text]) => text));
    return {
      element: list,
      set(text) {
        const outside = text !== null && !known.has(text);
        list.value = text === null ? (spec.missing ? NOT_KNOWN : "") : outside ? (other ? OTHER : "") : `=${text}`;
        if (other) other.show(outside ? text : null);
      },
    };
  }

  /* Many choices: a text box that lists what matches (the combobox pattern of WAI-ARIA). */
  function combobox(slot, spec, edit) {
    const input = textInput(spec, { role: "combobox", "aria-expanded": "false", "aria-controls": `list-${spec.n}`, "aria-autocomplete": "list", class: "md-input form-select" });
    const list = make("ul", { id: `list-${spec.n}`, class: "md-combo-list w-100 p-1 overflow-y-auto border rounded shadow list-unstyled", role: "listbox", "aria-label": spec.label, hidden: true });
    const labels = new Map(spec.options);
    let value = null;
    let active = -1;
    const shown = () => (value === null ? "" : labels.get(value) ?? value);
    const options = () => [...list.querySelectorAll("[role=option]")];

    function open(query) {
      const wanted = query.trim().toLowerCase();
      const found = choices(spec).filter(([, label]) => label.toLowerCase().includes(wanted));
      const exact = found.some(([, label]) => label.toLowerCase() === wanted);
      const rows = found.map(([text, label]) => row(text, label));
      if (wanted && !exact && spec.free) rows.push(row(query.trim(), say("use", { text: query.trim() })));
      if (!rows.length) rows.push(make("li", { class: "text-body-tertiary" }, say("no_match")));
      list.replaceChildren(...rows);
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      point(options().findIndex((item) => item.dataset.text === (value ?? "")));
    }
    function row(text, label) {
      const item = make("li", { role: "option", id: `list-${spec.n}-${Math.random().toString(36).slice(2)}`, "aria-selected": "false" }, label);
      item.dataset.text = text ?? "";
      item.addEventListener("pointerdown", (event) => event.preventDefault());
      item.addEventListener("click", () => choose(text));
      return item;
    }
    function point(index) {
      active = index;
      options().forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
      const item = options()[index];
      if (item) { input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
      else input.removeAttribute("aria-activedescendant");
    }
    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function choose(text) {
      value = text;
      input.value = shown();
      close();
      edit(value, true);
    }
    /* What was typed and left: a choice if it is one, a new value where those are taken. */
    function leave() {
      const typed = input.value.trim();
      if (!list.hidden || typed !== shown()) {
        const match = spec.options.find(([, label]) => label.toLowerCase() === typed.toLowerCase());
        close();
        if (match) choose(match[0]);
        else if (typed === "" && spec.missing) choose(null);
        else if (typed !== "" && spec.free && typed !== shown()) choose(typed);
        else input.value = shown();
      }
    }
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => { if (list.hidden) open(""); });
    input.addEventListener("input", () => open(input.value));
    input.addEventListener("blur", leave);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) return open("");
        const count = options().length;
        if (count) point((active + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
      } else if (event.key === "Enter" && !list.hidden && !event.ctrlKey) {
        event.preventDefault();
        event.stopPropagation();
        const item = options()[active] || (options().length === 1 ? options()[0] : null);
        if (item) item.click(); else leave();
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        input.value = shown();
        close();
      }
    });
    slot.append(make("div", { class: "position-relative" }, input, list));
    return { element: input, set(text) { value = text; input.value = shown(); close(); } };
  }

  function toggle(slot, spec, edit) {
    const button = make("button", { id: `input-${spec.n}`, type: "button", role: "switch", class: "md-toggle", "aria-label": spec.label, "aria-checked": "false", ...described(spec) });
    const word = make("span", { class: "md-toggle-word", "aria-hidden": "true" });
    const show = (on) => { button.setAttribute("aria-checked", String(on)); word.textContent = say(on ? "yes" : "no"); };
    const flip = () => { const on = button.getAttribute("aria-checked") !== "true"; show(on); edit(String(on), true); };
    button.addEventListener("click", flip);
    word.addEventListener("click", flip);
    slot.append(make("div", { class: "md-toggle-line hstack gap-2" }, button, word));
    return { element: button, set: (text) => show(text === "true") };
  }

  /* A native date or time input. What it cannot show exactly (fractions of seconds, an offset) is
     still what is sent, until somebody changes it. */
  function moment(slot, spec, edit) {
    const wide = spec.type === "datetime";
    const input = textInput(spec, { type: wide ? "datetime-local" : "date", step: wide ? 1 : null });
    input.addEventListener("input", () => edit(emptyIsNull(input.value), true));
    slot.append(input);
    return {
      element: input,
      set(text) {
        if (document.activeElement === input && input.value === text) return;
        input.value = text === null ? "" : wide ? text.replace(" ", "T").slice(0, 19) : text.slice(0, 10);
      },
    };
  }

  function text(slot, spec, edit) {
    const area = make("textarea", { id: `input-${spec.n}`, rows: 5, placeholder: spec.missing ? say("not_known") : null, ...described(spec) });
    area.addEventListener("input", () => edit(area.value === "" && spec.missing ? null : area.value));
    slot.append(area);
    return { element: area, set(value) { if (area.value !== (value ?? "")) area.value = value ?? ""; } };
  }

  const EMPTIABLE = new Set(["number", "slider", "date", "datetime", "text"]);

  const icon = (name) => make("i", { class: `md-icon md-icon-${name}`, "aria-hidden": "true" });

  function rail([start, end]) {
    const middle = make("span", { class: "md-rail-middle", style: `left: ${start * 100}%; width: ${(end - start) * 100}%` });
    return make("div", { class: "md-rail rounded-pill bg-body-tertiary", "aria-hidden": "true" }, middle, make("span", { class: "md-rail-tick" }));
  }

  function info(spec) {
    const mark = make("summary", { class: "md-info", "aria-label": say("about", spec) }, icon("info-circle"));
    return make("details", { class: "flex-fill", "data-md-menu": "" }, mark, make("p", { class: "md-info-text md-small border rounded shadow" }, spec.help));
  }

  /** Draw an input into its place: label, control, what was seen, messages, and what it was. */
  desk.drawField = function (place, spec, edit) {
    const group = spec.kind === "segmented";
    const label = make(group ? "span" : "label", { class: "md-label mw-100 text-truncate", id: `label-input-${spec.n}`, for: group ? null : `input-${spec.n}` }, spec.label);
    const unit = spec.unit && spec.kind === "number" ? make("span", { class: "md-unit text-truncate md-small text-body-secondary", "aria-hidden": "true" }, spec.unit) : null;
    const slot = make("div", { class: "md-slot" });
    const undo = make("button", { type: "button", class: "md-icon-button md-undo", id: `undo-${spec.n}`, title: say("undo", spec), "aria-label": say("undo", spec) }, icon("arrow-counterclockwise"));
    place.replaceChildren(
      make("div", { class: "md-field", "data-state": "plain" },
        make("div", { class: "md-field-head d-flex align-items-baseline justify-content-between gap-2" }, label, spec.help ? info(spec) : null),
        make("div", { class: unit ? "md-control md-control-unit" : "md-control" }, slot, unit),
        spec.middle ? rail(spec.middle) : null,
        make("div", { class: "md-field-message", id: `about-${spec.n}` },
          spec.hint ? make("p", { class: "md-hint md-hint-focus" }, spec.hint) : null,
          spec.missing && EMPTIABLE.has(spec.kind) ? make("p", { class: "md-hint" }, say("may_be_empty")) : null,
          make("div", { id: `note-${spec.n}` }))),
      make("span", { class: "md-changed md-note align-items-center gap-1" }, make("span", { class: "md-was text-truncate", id: `was-${spec.n}` }), undo),
    );
    return desk.controls[spec.kind](slot, spec, edit);
  };

  desk.controls = { number, slider, segmented, select, combobox, switch: toggle, date: moment, datetime: moment, text };
})();
