/* The Predict form: one record kept in the browser, sent whole.

   Every input reports to `edit`. The record goes to the server through stores: `predict-live` while
   somebody edits (the preview and the curve follow), `predict-settled` once they pause (with
   `predict-opened` for what is open then), and `predict-submit` when they ask for a prediction.
   Answers come back through `predictAnswered`. */
(function () {
  "use strict";
  const modeldesk = (window.modeldesk = window.modeldesk || {});
  const desk = (modeldesk.predict = modeldesk.predict || {});
  const byId = (id) => document.getElementById(id);
  const stored = (id, data) => window.dash_clientside.set_props(id, { data });

  const TYPING = 250;
  const SETTLED = 450;
  const LATEST_ANSWER = 1500; // an answer that has not come by then is no longer waited for
  const GIVE_UP = 30000;
  const OPEN = '.md-predict [data-md-view="table"], #compare-body:not(:empty), [data-md-compared]'; // what is made only for those who look at it
  const REMEMBERED = 100; // states of the form whose answers may still be on the page

  let form = null;
  let keepInputs = false;
  const timers = {};

  function later(name, delay, action) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(action, delay);
  }

  /* ---- starting ---------------------------------------------------------------------------- */

  function start(spec) {
    Object.values(timers).forEach(clearTimeout);
    const before = keepInputs && form && form.spec.model === spec.model ? form : null;
    keepInputs = false;
    desk.text = JSON.parse(byId("predict-page").dataset.mdWords);
    form = {
      spec, values: desk.byName(), opened: desk.byName(), problems: desk.byName(), controls: desk.byName(), held: desk.byName(), touched: desk.byName(),
      answerOf: null, recorded: null, show: "all", sequence: 0, waiting: 0, sent: new Map(), shownFor: {},
    };
    for (const field of spec.fields) {
      form.values[field.name] = field.value;
      drawControl(field);
    }
    const shared = before ? null : desk.decode(spec, window.location.hash);
    Object.assign(form.values, before ? known(before.values) : shared.values);
    desk.followColumns(form);
    form.opened = copied(form.values);
    (spec.images || []).forEach((image, place) => desk.startImage(image, byId(`image-${place}`), form, setMany));
    (spec.maps || []).forEach((map, place) => desk.startMap(map, byId(`map-${place}`), form, setMany));
    wire();
    desk.watchCard();
    showAll();
    notice(before, shared);
    if (window.matchMedia("(max-width: 767.98px)").matches) {
      document.querySelectorAll("details.md-group").forEach((group, place) => { group.open = place === 0; });
    }
    document.querySelector(".md-predict").dataset.ready = "true";
    send();
  }

  function known(values) {
    return desk.byName(form.spec.fields.filter(({ name }) => Object.hasOwn(values, name)).map(({ name }) => [name, values[name]]));
  }

  const copied = (values) => desk.byName(desk.pairs(values));

  function drawControl(field) {
    const place = byId(`field-${field.n}`);
    if (!place) return;
    const control = desk.drawField(place, field, (text, now) => edit(field, text, now));
    form.controls[field.name] = control;
    byId(`undo-${field.n}`).onclick = () => {
      setMany(desk.byName([[field.name, form.recorded.values[field.name]]]));
      control.element.focus();
    };
  }

  function wire() {
    byId("predict-reset").onclick = reset;
    for (const button of document.querySelectorAll(".md-predict-submit")) button.onclick = submit;
    for (const button of document.querySelectorAll("[data-show]")) {
      button.onclick = () => {
        form.show = button.dataset.show;
        document.querySelectorAll("[data-show]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
        desk.filter(form);
      };
    }
    const find = byId("predict-find");
    if (find) {
      find.replaceChildren(desk.make("input", { type: "search", class: "md-input", "aria-label": desk.say("find"), placeholder: desk.say("find"), autocomplete: "off" }));
      find.firstChild.oninput = () => desk.filter(form);
    }
    const redraw = byId("predict-redraw");
    if (redraw) redraw.addEventListener("click", () => { keepInputs = true; });
    byId("predict-bar-result").onclick = () => byId("predict-result").scrollIntoView({ block: "start" });
  }

  /** Tell what became of inputs that came from another version or by a link. */
  function notice(before, shared) {
    const place = byId("predict-origin");
    const version = before ? before.spec.version : shared.version;
    place.hidden = version === null || version === form.spec.version;
    if (place.hidden) return;
    const names = new Set(form.spec.fields.map(({ name }) => name));
    const gone = before ? before.spec.fields.filter(({ name }) => !names.has(name)) : [];
    const told = [desk.say(before ? "kept" : "link", { version, now: form.spec.version })];
    if (gone.length) told.push(desk.say("dropped", { inputs: gone.map(({ label }) => label).join(", ") }));
    place.textContent = [...told, desk.say("look_over")].join(" ");
  }

  /* ---- values ------------------------------------------------------------------------------ */

  function edit(field, text, now = false) {
    if (field.columns) return setMany(desk.columnsOf(field, text));
    form.values[field.name] = text;
    changed([field], now);
  }

  /** Set inputs by name, from a link, an image, a map or an undo. */
  function setMany(values) {
    const fields = form.spec.fields.filter(({ name }) => Object.hasOwn(values, name));
    for (const field of fields) {
      form.values[field.name] = values[field.name];
      if (field.columns) Object.assign(form.values, desk.columnsOf(field, values[field.name]));
      form.controls[field.name]?.set(values[field.name]);
    }
    changed([...fields, ...desk.followColumns(form)], true);
  }

  function changed(fields, now) {
    desk.touch(form, fields);
    for (const field of fields) {
      delete form.problems[field.name];
      delete form.held[field.name];
      desk.mark(form, field);
    }
    desk.onChange(form);
    form.due = true;
    status();
    later("send", now ? 0 : TYPING, send);
    later("rest", 150, () => { desk.summarise(form); desk.filter(form); });
    later("address", 300, writeAddress);
  }

  /** Leaving an input checks it: what was held back while somebody was at it is told, and what was
      not asked yet is asked now. */
  function left(event) {
    const block = event.target.closest("#predict-form .md-question");
    if (!form || !block || block.contains(event.relatedTarget)) return;
    const field = form.spec.fields[Number(block.dataset.n)];
    const problem = form.held[field.name];
    if (problem) {
      delete form.held[field.name];
      form.problems[field.name] = problem;
      desk.mark(form, field);
      desk.summarise(form);
      desk.filter(form);
      status();
    } else if (form.due) send();
  }

  document.addEventListener("focusout", left);

  function showAll() {
    for (const field of form.spec.fields) {
      form.controls[field.name]?.set(form.values[field.name]);
      desk.mark(form, field);
    }
    desk.onChange(form);
    desk.summarise(form);
    desk.filter(form);
    status();
  }

  /** What maps and images do when values change; each adds itself. */
  desk.listeners = [];
  desk.onChange = () => { desk.listeners = desk.listeners.filter((listener) => listener(form) !== false); };

  function reset() {
    for (const field of form.spec.fields) form.values[field.name] = field.value;
    form.problems = desk.byName();
    form.held = desk.byName();
    showSummary([]);
    showAll();
    writeAddress();
    send();
  }

  function writeAddress() {
    const plain = form.spec.fields.every(({ name, value, share }) => !share || form.values[name] === value);
    const fragment = plain ? "" : `#${desk.encode(form.spec, form.values)}`;
    if (fragment === window.location.hash) return;
    window.history.replaceState(window.history.state, "", `${window.location.pathname}${window.location.search}${fragment}`);
  }

  window.addEventListener("hashchange", () => {
    if (!form || !byId("predict-form")) return;
    const { values } = desk.decode(form.spec, window.location.hash);
    if (Object.keys(values).length) setMany(values);
  });

  /* ---- to the server ----------------------------------------------------------------------- */

  function record() {
    form.sequence += 1;
    form.sent.set(form.sequence, JSON.stringify(form.values));
    form.sent.delete(form.sequence - REMEMBERED);
    return { model: form.spec.model, version: form.spec.version, values: asked(form.values), seq: form.sequence };
  }

  /** The values as the server takes them: by column, without what only the browser knows. */
  function asked(values) {
    const own = new Set(form.spec.fields.filter(({ columns }) => columns).map(({ name }) => name));
    return desk.pairs(values).filter(([name]) => !own.has(name));
  }

  /** Send the values as they are now: one request at a time, always with the latest values. */
  function send() {
    clearTimeout(timers.send);
    if (waiting()) {
      form.again = true;
      return;
    }
    form.again = form.due = false;
    form.waiting = performance.now();
    const data = record();
    form.live = JSON.stringify(form.values);
    if (!upToDate()) card("updating");
    stored("predict-live", data);
    settle(data, form.sequence === 1 ? 0 : SETTLED);
  }

  const waiting = () => form.waiting && performance.now() - form.waiting < LATEST_ANSWER;

  /** Let reasons and maps follow once it is quiet: the answer itself always comes first. */
  function settle(data, delay) {
    later("settled", delay, () => {
      if (waiting() || form.pending) return settle(data, Math.max(delay, 50));
      const values = JSON.stringify(data.values);
      if (values === form.settled) return;
      form.settled = values;
      stored("predict-settled", data);
      if (document.querySelector(OPEN)) stored("predict-opened", data.seq);
    });
  }

  function submit() {
    if (!form || form.pending) return;
    clearTimeout(timers.send);
    form.problems = desk.byName();
    showSummary([]);
    const data = record();
    form.pending = { seq: data.seq, values: copied(form.values) };
    busy(true);
    card("updating");
    clearTimeout(timers.settled);
    stored("predict-submit", data);
    later("submit", GIVE_UP, () => {
      form.late = form.pending; // should it come after all, it is on record and must be shown as such
      form.pending = null;
      busy(false);
      status(desk.say("late"));
    });
  }

  function busy(yes) {
    for (const button of document.querySelectorAll(".md-predict-submit")) {
      button.setAttribute("aria-disabled", String(yes));
      button.classList.toggle("is-busy", yes);
      button.querySelector(".md-predict-word").textContent = desk.say(yes ? "predicting" : "predict");
    }
  }

  /* ---- answers ----------------------------------------------------------------------------- */

  function answered(answer) {
    if (!form || !answer || answer.model !== form.spec.model) return;
    if (answer.kind === "preview") {
      form.waiting = 0;
      if (form.again) send();
    } else {
      const sent = [form.pending, form.late].find((one) => one && one.seq === answer.seq);
      if (!sent) return;
      const { values } = sent;
      if (answer.kind === "recorded") form.recorded = { values, ...answer };
      if (sent === form.pending) {
        clearTimeout(timers.submit);
        form.pending = null;
      }
      form.late = null;
      // The curve follows what was last previewed; Enter may have come before that.
      if (JSON.stringify(values) !== form.live) send();
      else {
        form.waiting = 0; // the same values are answered: a preview of them on its way says nothing new
        settle({ model: answer.model, version: form.spec.version, values: asked(values), seq: answer.seq }, 0);
        if (form.again) send();
      }
      busy(Boolean(form.pending));
    }
    takeProblems(answer);
    if (answer.headline) {
      form.answerOf = form.sent.get(answer.seq) ?? null;
      form.refused = Boolean(answer.refused);
      byId("predict-bar-headline").textContent = answer.headline;
      byId("predict-bar-words").textContent = answer.words || "";
      byId("predict-bar-result").hidden = false;
    }
    form.spec.fields.forEach((field) => desk.mark(form, field));
    desk.summarise(form);
    desk.filter(form);
    status();
  }

  /* A preview leaves the input at work alone until it is left: half a number is no error yet. */
  function takeProblems(answer) {
    const now = document.activeElement && document.activeElement.closest(".md-question");
    const busyWith = answer.kind === "preview" && now ? form.spec.fields[Number(now.dataset.n)].name : null;
    // What is answered late says nothing of an input that was changed since.
    const sent = JSON.parse(form.sent.get(answer.seq) || "{}");
    const problems = (answer.problems || []).map((problem) => ({ ...problem, field: desk.shownAs(form, problem.field) }));
    form.problems = desk.byName();
    form.held = desk.byName();
    for (const { field, message } of problems) {
      if (!field || (answer.kind === "preview" && sent[field] !== form.values[field])) continue;
      (field === busyWith ? form.held : form.problems)[field] = message;
    }
    if (answer.kind === "preview") return;
    showSummary(problems);
  }

  function showSummary(problems) {
    const place = byId("predict-summary");
    place.replaceChildren();
    if (!problems.length) return;
    const links = problems.filter(({ field }) => field).map(({ field }) => form.spec.fields.find(({ name }) => name === field)).filter(Boolean);
    const text = desk.make("div", { class: "min-w-0" }, desk.make("strong", {}, desk.say("need_change", { n: problems.length })), " ");
    links.slice(0, 12).forEach((field, place) => {
      const link = desk.make("a", { href: `#input-${field.n}` }, field.label);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        desk.reveal(field.n);
        form.controls[field.name]?.element.focus();
      });
      text.append(place ? ", " : "", link);
    });
    problems.filter(({ field }) => !field).forEach(({ message }) => text.append(` ${message}`));
    place.append(desk.make("div", { class: "alert alert-danger", role: "alert", tabindex: "-1" },
      desk.make("i", { class: "md-icon md-icon-exclamation-octagon-fill", "aria-hidden": "true" }), text));
    links.forEach(({ n }) => desk.reveal(n));
    place.firstChild.focus();
  }

  /** The card's state, and how the form stands towards what was recorded. */
  function status(words) {
    const changes = desk.changes(form);
    const wrong = form.spec.fields.filter(({ name }) => form.problems[name] || form.held[name]);
    const text = words || (desk.say(!form.recorded ? "not_recorded" : changes === 0 ? "up_to_date" : "changes_not_recorded", { n: changes }));
    byId("predict-status").textContent = text;
    const stale = form.answerOf !== null && form.answerOf !== JSON.stringify(form.values);
    if (!form.pending && !form.waiting) card(wrong.length || (stale && !form.due) ? "blocked" : form.due ? "updating" : upToDate() ? "recorded" : "preview");
    tellStale(stale && !form.pending, wrong);
    const word = document.querySelector(".md-recorded-word")?.firstChild;
    if (word) word.nodeValue = desk.say(changes ? "last_recorded" : "recorded");
    markStale();
    desk.listChanges(form, setMany);
    const before = byId("predict-before");
    before.hidden = !form.recorded || changes === 0;
    if (!before.hidden) before.textContent = desk.say("before", { n: changes, headline: form.recorded.headline });
  }

  /** The result says so while it is of other inputs than those that stand in the form. */
  function tellStale(stale, wrong) {
    const place = byId("predict-stale");
    const named = wrong.slice(0, 3).map(({ label }) => label).join(", ");
    const parts = { n: wrong.length, inputs: named, more: wrong.length - 3 };
    const why = wrong.length ? ` ${desk.say(wrong.length > 3 ? "many_first" : "first", parts)}` : "";
    const words = stale && !form.due && !form.waiting ? `${desk.say("stale")}${why}` : "";
    place.hidden = !words;
    if (place.textContent !== words) place.textContent = words;
  }

  const upToDate = () => form.recorded && desk.changes(form) === 0;

  /** Reasons, similar cases and suggestions say so while they are of other inputs than the form's. */
  function markStale() {
    const now = JSON.stringify(form.values);
    for (const part of document.querySelectorAll("[data-md-follows]")) {
      const of = form.shownFor[part.dataset.mdFollows];
      part.toggleAttribute("data-stale", of !== undefined && form.sent.get(of) !== now);
    }
  }

  function card(state) {
    const result = byId("predict-result");
    if (result) result.dataset.state = state;
  }

  /* ---- keys -------------------------------------------------------------------------------- */

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !form || !byId("predict-form") || event.isComposing) return;
    const inForm = event.target.closest("#predict-form");
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      submit();
    } else if (inForm && event.target.matches("input:not([type=search], [type=file])") && !event.defaultPrevented) {
      event.preventDefault();
      submit();
    }
  });

  desk.form = () => form;
  desk.asked = asked;
  desk.fill = (values) => setMany(values);

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** A form was drawn: fill it and answer for it from here on. */
      predictStart(spec) {
        if (spec && byId("predict-form")) start(spec);
        return window.dash_clientside.no_update;
      },
      /** Cards tell which state of the form they are of: its number, for each in `data-md-follows`. */
      predictFollowed(...numbers) {
        if (form && byId("predict-form")) {
          const { inputs_list: inputs } = window.dash_clientside.callback_context;
          inputs.forEach(({ id }, place) => { form.shownFor[id.replace("-of", "")] = numbers[place] ?? undefined; });
          markStale();
        }
        return window.dash_clientside.no_update;
      },
      /** The server has answered a preview or a prediction. */
      predictAnswered() {
        const { triggered } = window.dash_clientside.callback_context;
        if (byId("predict-form")) triggered.forEach(({ value }) => answered(value));
        return window.dash_clientside.no_update;
      },
    }),
  });
})();
