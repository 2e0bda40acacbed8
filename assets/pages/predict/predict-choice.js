/* A choice that the model takes as several columns of 0 and 1. The columns are what is sent and shared;
   the choice follows them and sets them. Description: app/modeldesk/web/ui/pages/predict/form_spec.py. */
(function () {
  "use strict";
  const modeldesk = (window.modeldesk = window.modeldesk || {});
  const desk = (modeldesk.predict = modeldesk.predict || {});

  /** What stands in a choice's columns once an option is chosen: a column's name, "" for none, null for not known. */
  desk.columnsOf = function (field, chosen) {
    const names = Object.keys(field.columns);
    return desk.byName(names.map((name) => [name, chosen === null ? null : field.columns[name][name === chosen ? 1 : 0]]));
  };

  /** Let every choice say what its columns hold; those that say something else now. */
  desk.followColumns = function (form) {
    const moved = [];
    for (const field of form.spec.fields) {
      if (!field.columns) continue;
      const names = Object.keys(field.columns);
      const set = names.filter((name) => isSet(field, name, form.values[name]));
      const none = names.every((name) => form.values[name] !== null && form.values[name] !== undefined);
      const chosen = set.length === 1 ? set[0] : set.length === 0 && none ? "" : null;
      if (chosen === form.values[field.name]) continue;
      form.values[field.name] = chosen;
      form.controls[field.name]?.set(chosen);
      moved.push(field);
    }
    return moved;
  };

  function isSet(field, name, text) {
    const [, on] = field.columns[name];
    return text === on || (on === "1" && desk.readNumber(text) === 1);
  }

  /** The input under which a column's problem is told. */
  desk.shownAs = function (form, name) {
    return form.spec.fields.find((field) => field.name === name)?.choice ?? name;
  };
})();
