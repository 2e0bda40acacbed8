/* A form's inputs in the address's fragment: the twin of app/modeldesk/web/ui/common/fragment.py. */
(function () {
  "use strict";
  const modeldesk = (window.modeldesk = window.modeldesk || {});
  const desk = (modeldesk.predict = modeldesk.predict || {});

  /** A map by column name. Any text names a column, `constructor` and `__proto__` too, so it inherits nothing. */
  desk.byName = (pairs = []) => {
    const map = Object.create(null);
    for (const [name, value] of pairs) map[name] = value;
    return map;
  };
  /** Such a map as stores and requests carry it, which would lose a `__proto__` of a plain object. */
  desk.pairs = (values) => Object.keys(values).map((name) => [name, values[name]]);

  const quoted = (text) => {
    try {
      return encodeURIComponent(text);
    } catch {
      return encodeURIComponent(text.replace(/[\ud800-\udfff]/g, "?")); // half of a surrogate pair
    }
  };
  const unquoted = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  /** `v7&age=34&dependants`: a name without `=` is not known. Texts and images are left out. */
  desk.encode = function (spec, values) {
    const parts = [`v${spec.version}`];
    for (const field of spec.fields) {
      if (!field.share || values[field.name] === undefined) continue;
      const value = values[field.name];
      parts.push(value === null ? quoted(field.name) : `${quoted(field.name)}=${quoted(value)}`);
    }
    return parts.join("&");
  };

  /** {version, values} of a fragment; what it should not hold, or names no field, is passed over. */
  desk.decode = function (spec, fragment) {
    const known = new Set(spec.fields.filter((field) => field.share).map((field) => field.name));
    const [first, ...pairs] = fragment.replace(/^#/, "").split("&");
    const version = /^v(\d{1,9})$/.exec(first);
    const values = desk.byName();
    for (const pair of pairs) {
      const at = pair.indexOf("=");
      const name = unquoted(at < 0 ? pair : pair.slice(0, at));
      if (known.has(name)) values[name] = at < 0 ? null : unquoted(pair.slice(at + 1));
    }
    return { version: version ? Number(version[1]) : null, values };
  };
})();
