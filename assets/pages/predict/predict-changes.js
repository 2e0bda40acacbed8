/* The list of the form's changes: what each input was, what it is now, and a button that takes it back. */
(function () {
  "use strict";
  const modeldesk = (window.modeldesk = window.modeldesk || {});
  const desk = (modeldesk.predict = modeldesk.predict || {});
  const byId = (id) => document.getElementById(id);

  /** Note that inputs were changed, so that the latest change stands first. */
  desk.touch = function (form, fields) {
    form.touches = (form.touches || 0) + 1;
    for (const { name } of fields) form.touched[name] = form.touches;
  };

  /** Show what differs from the last recorded prediction, or, before that, from how the form opened. */
  desk.listChanges = function (form, setMany) {
    const box = byId("predict-changes");
    if (!box) return;
    const before = form.recorded ? form.recorded.values : form.opened;
    const changes = changesSince(form, before);
    box.hidden = changes.length === 0;
    byId("predict-changes-count").textContent = desk.say("changes", { n: changes.length });
    const list = byId("predict-changes-list");
    const had = list.contains(document.activeElement);
    list.replaceChildren(...changes.map((change) => line(change, () => setMany(valuesOf(change.fields, before)))));
    if (had) (list.querySelector("button") || byId("predict-reset")).focus();
    byId("predict-changes-all").onclick = () => {
      setMany(valuesOf(changes.flatMap(({ fields }) => fields), before));
      byId("predict-reset").focus();
    };
  };

  /** The changes, the latest first: an image counts as one, and so does a choice of several columns. */
  function changesSince(form, before) {
    const changed = form.spec.fields.filter(({ name, kind }) => kind !== "option" && form.values[name] !== before[name]);
    const pixels = changed.filter(({ kind }) => kind === "pixel");
    const changes = changed
      .filter(({ kind }) => kind !== "pixel")
      .map((field) => ({ label: field.label, from: desk.words(field, before[field.name]), to: desk.words(field, form.values[field.name]), fields: [field] }));
    if (pixels.length) changes.push({ label: desk.say("image"), from: "", to: "", fields: pixels });
    const at = ({ fields }) => Math.max(...fields.map(({ name }) => form.touched[name] || 0));
    return changes.sort((one, other) => at(other) - at(one));
  }

  const valuesOf = (fields, values) => desk.byName(fields.map(({ name }) => [name, values[name]]));

  function line({ label, from, to }, undo) {
    const words = desk.make("span", { class: "md-change-line min-w-0 text-break" }, desk.make("span", {}, label));
    if (from || to) words.append(" ", desk.make("span", { class: "md-quiet" }, `${from} →`), " ", desk.make("strong", {}, to));
    const button = desk.make("button", { type: "button", class: "btn btn-quiet btn-sm", "aria-label": desk.say("take_back_of", { label }) }, desk.say("take_back"));
    button.addEventListener("click", undo);
    return desk.make("li", {}, words, button);
  }
})();
