/* The Batch page: a file goes straight to the server, streamed, with its progress; the chosen file
   is kept in the address. Ids as in app/modeldesk/web/ui/pages/batch/ids.py. */
(function () {
  "use strict";

  const SELECTED = "batch-selected";
  const CHANGED = "batch-changed";
  let request = null;
  let shown = null;
  let picker = null;
  let changed = null;

  const drop = () => document.getElementById("batch-drop");
  const panel = () => document.getElementById("batch-upload");
  const part = (name) => document.querySelector(`.md-upload-${name}`);
  /** What the page says, from its text.py, read before each upload. */
  let words = {};
  const fill = (sentence, parts) => window.modeldesk.say(sentence, parts);
  const setProps = (id, data) => window.dash_clientside.set_props(id, { data });

  /* ---- uploading --------------------------------------------------------------------------- */

  function choose() {
    picker.value = "";
    picker.accept = drop().dataset.mdAccept;
    picker.click();
  }

  function say(text) {
    const status = part("status");
    if (status && status.textContent !== text) {
      status.textContent = text;
    }
  }

  function fail(text, hint) {
    const place = part("error");
    if (!place) {
      return;
    }
    place.textContent = "";
    for (const line of [text, hint]) {
      if (line) {
        place.appendChild(document.createElement("p")).textContent = line;
      }
    }
  }

  function size(bytes) {
    const { units } = words;
    let place = 0;
    while (bytes >= 1000 && place < units.length - 1) {
      bytes /= 1000;
      place += 1;
    }
    const amount = place && bytes < 100 ? bytes.toPrecision(bytes < 10 ? 2 : 3) : Math.round(bytes);
    return fill(units[place], { amount });
  }

  function progress(started) {
    return (event) => {
      const box = panel();
      if (!box || !event.lengthComputable) {
        return;
      }
      const share = event.total ? event.loaded / event.total : 1;
      const seconds = (performance.now() - started) / 1000;
      const rest = share > 0.02 && share < 1 ? Math.ceil((seconds / share) * (1 - share)) : null;
      box.querySelector("progress").value = share * 100;
      const line = share >= 1 ? words.looking : rest === null ? words.sent : rest < 60 ? words.seconds : words.minutes;
      const left = rest < 60 ? rest : Math.round(rest / 60);
      part("line").textContent = fill(line, { sent: size(event.loaded), size: size(event.total), left });
      say(share < 1 ? fill(words.share, { percent: Math.floor(share * 10) * 10 }) : words.uploaded);
    };
  }

  function ended() {
    request = null;
    if (panel()) {
      panel().hidden = true;
      drop().hidden = false;
    }
  }

  function refused(xhr) {
    ended();
    say("");
    let problem = {};
    try {
      problem = JSON.parse(xhr.responseText);
    } catch {
      // Answered by something in between, which says nothing that could be shown.
    }
    const [first] = problem.errors || [];
    const [refusal, hint] = words.refused;
    fail(problem.detail || fill(refusal, { status: xhr.status }), problem.hint || first?.message || hint);
  }

  function accepted(xhr) {
    ended();
    say(words.uploaded);
    const { id } = JSON.parse(xhr.responseText);
    setProps(CHANGED, `uploaded ${id}`);
    setProps(SELECTED, id);
  }

  function upload(file) {
    if (request) {
      fail(...words.busy);
      return;
    }
    fail("");
    const address = drop().dataset.mdUpload;
    request = new XMLHttpRequest();
    const xhr = request;
    xhr.open("POST", `${address}?start=false&file_name=${encodeURIComponent(file.name)}`);
    xhr.setRequestHeader("Content-Type", "application/octet-stream");
    xhr.upload.addEventListener("progress", progress(performance.now()));
    xhr.addEventListener("load", () => (xhr.status < 300 ? accepted(xhr) : refused(xhr)));
    xhr.addEventListener("error", () => {
      ended();
      say("");
      fail(...words.broken);
    });
    xhr.addEventListener("abort", () => {
      ended();
      say(words.cancelled);
    });
    part("name").textContent = file.name;
    part("line").textContent = fill(words.sent, { sent: 0, size: size(file.size) });
    panel().querySelector("progress").value = 0;
    panel().hidden = false;
    drop().hidden = true;
    xhr.send(file);
  }

  function takeFiles(files) {
    words = JSON.parse(drop().dataset.mdWords);
    if (files.length > 1) {
      fail(...words.several);
    } else if (files.length === 1) {
      upload(files[0]);
    }
  }

  /* ---- the chosen file and the address ------------------------------------------------------ */

  const inAddress = () => new URLSearchParams(window.location.search).get("batch");

  function follow() {
    if (drop() && inAddress() !== shown) {
      setProps(SELECTED, inAddress());
    }
  }

  const actions = {
    choose: choose,
    abort: () => request?.abort(),
    show: (link) => setProps(SELECTED, link.dataset.mdId),
    // The button goes away with what it does; whoever pressed it goes on at the choice beside it.
    suggest: (button) => {
      changed = button.closest("tr").querySelector("select").id;
    },
  };

  document.addEventListener(
    "click",
    (event) => {
      const actor = event.target.closest("[data-md-batch]");
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (actor && plain) {
        event.preventDefault(); // a file's link changes a part of the page, not the page
        actions[actor.dataset.mdBatch](actor);
      }
    },
    true,
  );

  window.addEventListener("_dashprivate_pushstate", follow);

  document.addEventListener("change", (event) => {
    if (event.target.closest("#batch-check")) {
      changed = event.target.id;
    }
  });

  /** The choices are drawn anew after each change; the focus goes back to the one that was changed. */
  function refocus() {
    const control = changed && document.getElementById(changed);
    changed = null;
    if (control && (!document.activeElement || document.activeElement === document.body)) {
      control.focus({ preventScroll: true });
    }
  }

  const carriesFiles = (event) => drop() && event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");

  for (const kind of ["dragenter", "dragover"]) {
    document.addEventListener(kind, (event) => {
      if (carriesFiles(event)) {
        event.preventDefault();
        drop().dataset.over = "";
      }
    });
  }

  document.addEventListener("dragleave", (event) => {
    if (drop() && !event.relatedTarget) {
      delete drop().dataset.over;
    }
  });

  document.addEventListener("drop", (event) => {
    if (carriesFiles(event)) {
      event.preventDefault();
      delete drop().dataset.over;
      takeFiles(event.dataTransfer.files);
    }
  });

  window.addEventListener("beforeunload", (event) => {
    if (request) {
      event.preventDefault();
    }
  });

  function addPicker() {
    picker = document.createElement("input");
    picker.type = "file";
    picker.id = "batch-file";
    picker.hidden = true;
    picker.addEventListener("change", () => takeFiles(picker.files));
    document.body.appendChild(picker);
  }

  if (document.body) {
    addPicker();
  } else {
    document.addEventListener("DOMContentLoaded", addPicker);
  }

  /* ---- functions that callbacks name, and the grid's cells ---------------------------------- */

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    modeldesk: Object.assign({}, window.dash_clientside?.modeldesk, {
      /** Keep the chosen file in the address. */
      batchAddress(id) {
        shown = id || null;
        if (inAddress() !== shown) {
          window.history.pushState({}, "", window.location.pathname + (shown ? `?batch=${encodeURIComponent(shown)}` : ""));
        }
        return window.dash_clientside.no_update;
      },

      /** Once a check is drawn. */
      batchChecked() {
        requestAnimationFrame(() => requestAnimationFrame(refocus));
        return window.dash_clientside.no_update;
      },
    }),
  });

  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  /** A row's number, which leads to its prediction. */
  cells.MdRow = (props) =>
    window.React.createElement("a", { href: props.data.place }, Number(props.value).toLocaleString("en"));

  /** A share from 0 to 1 as a bar and in figures. */
  cells.MdProbability = (props) => {
    const make = window.React.createElement;
    if (typeof props.value !== "number") {
      return "–";
    }
    const percent = (props.value * 100).toFixed(1);
    const exact = props.value === 0 || props.value === 1;
    const text = exact ? `${props.value * 100}%` : percent === "100.0" ? ">99.9%" : percent === "0.0" ? "<0.1%" : `${percent}%`;
    return make(
      "span",
      { className: "md-probability hstack justify-content-end gap-12" },
      make("span", { className: "progress flex-fill", "aria-hidden": true }, make("span", { className: "progress-bar", style: { width: `${percent}%` } })),
      make("span", null, text),
    );
  };
})();
