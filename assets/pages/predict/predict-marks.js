/* What the Predict form shows about its values: rails, warnings, errors, changes, folded groups. */
(function () {
  "use strict";
  const modeldesk = (window.modeldesk = window.modeldesk || {});
  const desk = (modeldesk.predict = modeldesk.predict || {});
  const byId = (id) => document.getElementById(id);

  /** A value in words: an option's label, yes or no, a number with its unit, "Not known". */
  desk.words = function (field, text) {
    if (text === null || text === undefined) return desk.say("not_known");
    if (field.options) return (field.options.find(([value]) => value === text) || [null, text])[1];
    if (field.type === "boolean") return desk.say(text === "true" ? "yes" : "no");
    const shown = text === field.value ? field.shown : desk.grouped(text, field);
    if (!field.unit) return shown;
    if ("€$£¥".includes(field.unit)) return `${field.unit}${shown}`;
    return "%°".includes(field.unit) ? `${shown}${field.unit}` : `${shown} ${field.unit}`;
  };

  /** What a model that never saw such a value makes people want to know, or null; what is beyond a
      limit is an error, not a doubt. */
  desk.doubt = function (field, text) {
    if (text === null || text === undefined) return null;
    if (field.type === "category") {
      return field.options && !field.options.some(([value]) => value === text) ? field.unseen : null;
    }
    if (field.low === null || field.low === undefined || !field.below) return null;
    const place = (value) => (field.type === "number" || field.type === "integer" ? desk.readNumber(String(value)) : moment(value));
    const value = place(text);
    const set = (limit) => limit !== null && limit !== undefined;
    if ((set(field.min) && value < place(field.min)) || (set(field.max) && value > place(field.max))) return null;
    if (value < place(field.low)) return field.below;
    return value > place(field.high) ? field.above : null;
  };

  /* Days and naive times are compared as they are written, not in the browser's zone. */
  function moment(text) {
    const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text) && text.length > 10;
    return Date.parse(zoned ? text : `${text.length === 10 ? `${text}T00:00` : text.replace(" ", "T")}Z`);
  }

  /** Show one input's state: rail, message, and what it was when last recorded. */
  desk.mark = function (form, field) {
    const block = byId(`field-${field.n}`);
    if (!block) return;
    const text = form.values[field.name];
    const problem = form.problems[field.name] || null;
    const refused = form.refused || form.held[field.name]; // by a rule, or by a check that is told on leaving
    const unseen = problem ? null : desk.doubt(field, text);
    const doubt = unseen && !refused ? `${unseen} ${desk.say("still")}` : unseen;
    moveTick(block, field, text);
    block.querySelector(".md-field").dataset.state = problem ? "bad" : doubt ? "warn" : "plain";
    say(byId(`note-${field.n}`), problem, doubt);
    const changed = form.recorded !== null && form.recorded.values[field.name] !== text;
    block.classList.toggle("is-changed", changed);
    byId(`was-${field.n}`).textContent = changed ? desk.say("was", { value: desk.words(field, form.recorded.values[field.name]) }) : "";
  };

  function moveTick(block, field, text) {
    const tick = block.querySelector(".md-rail-tick");
    if (!tick) return;
    const value = desk.readNumber(text);
    tick.hidden = Number.isNaN(value);
    if (tick.hidden) return;
    const width = field.high - field.low;
    const share = width > 0 ? (value - field.low) / width : value < field.low ? -1 : value > field.low ? 2 : 0.5;
    tick.style.left = `${Math.min(1, Math.max(0, share)) * 100}%`;
    tick.classList.toggle("md-rail-out", share < 0 || share > 1);
  }

  function say(place, problem, doubt) {
    const message = problem || doubt;
    if ((place.dataset.message || "") === (message || "")) return;
    place.dataset.message = message || "";
    place.replaceChildren();
    if (!message) return;
    const icon = problem ? "exclamation-circle-fill" : "exclamation-triangle-fill";
    place.append(
      desk.make("p", { class: `md-message md-message-${problem ? "bad text-danger" : "warn text-warning"}-emphasis`, role: "alert" },
        desk.make("i", { class: `md-icon md-icon-${icon}`, "aria-hidden": "true" }), desk.make("span", {}, message)),
    );
  }

  /** Whether an input differs from what was last recorded, or, before that, from how the form opened. */
  desk.isChanged = (form, field) => form.values[field.name] !== (form.recorded ? form.recorded.values : form.opened)[field.name];
  desk.toCheck = (form, field) => Boolean(form.problems[field.name] || desk.doubt(field, form.values[field.name]));

  /** Inputs that differ from the last recorded prediction; an image counts as one. */
  desk.changes = function (form) {
    if (!form.recorded) return 0;
    const inputs = form.spec.fields.filter(({ kind }) => kind !== "option");
    const changed = inputs.filter((field) => form.values[field.name] !== form.recorded.values[field.name]);
    const pixels = changed.filter((field) => field.kind === "pixel").length;
    return changed.length - pixels + (pixels ? 1 : 0);
  };

  /** What a long form shows: all of it, what was changed or what needs a look, by name. */
  desk.filter = function (form) {
    const search = byId("predict-find");
    const query = search ? search.querySelector("input").value.trim().toLowerCase() : "";
    const wanted = { changed: desk.isChanged, check: desk.toCheck }[form.show] || (() => true);
    for (const field of form.spec.fields) {
      const block = byId(`field-${field.n}`);
      if (!block) continue;
      const found = !query || `${field.label} ${field.name}`.toLowerCase().includes(query);
      block.hidden = !(found && wanted(form, field));
    }
    const limited = Boolean(query) || form.show !== "all";
    let shown = 0;
    for (const part of document.querySelectorAll(".md-matrix-row, .md-group")) {
      const blocks = [...part.querySelectorAll(".md-question")];
      const empty = blocks.length > 0 && blocks.every((block) => block.hidden);
      part.hidden = empty;
      if (!empty && limited && part.matches("details")) part.open = true;
      if (!empty && part.matches(".md-group")) shown += 1;
    }
    const none = byId("predict-none");
    if (none) none.hidden = shown > 0;
    count("changed", form.spec.fields.filter((field) => byId(`field-${field.n}`) && desk.isChanged(form, field)).length);
    count("check", form.spec.fields.filter((field) => byId(`field-${field.n}`) && desk.toCheck(form, field)).length);
  };

  function count(name, amount) {
    const place = document.querySelector(`[data-show="${name}"] .md-count`);
    if (place) place.textContent = amount ? ` ${amount}` : "";
  }

  /** A folded group tells its values in a line, and how many need a look. */
  desk.summarise = function (form) {
    for (const group of document.querySelectorAll("details.md-group")) {
      const numbers = [...group.querySelectorAll(".md-question")].map((block) => Number(block.dataset.n));
      const fields = numbers.map((n) => form.spec.fields[n]);
      group.querySelector(".md-group-line").textContent = fields.map((field) => desk.words(field, form.values[field.name])).join(" · ");
      const check = fields.filter((field) => desk.toCheck(form, field)).length;
      const badge = group.querySelector(".md-group-check");
      badge.hidden = check === 0;
      badge.textContent = desk.say("to_check", { n: check });
    }
  };

  /** Open the group that an input is in. */
  desk.reveal = function (n) {
    const group = byId(`field-${n}`)?.closest("details");
    if (group) group.open = true;
  };
})();
