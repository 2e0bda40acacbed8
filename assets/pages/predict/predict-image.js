/* An image as an input: drawn or dropped, brought down to the model's own columns, and shown as
   the model sees it. Description: app/modeldesk/web/ui/pages/predict/form_spec.py `image`. */
(function () {
  "use strict";
  const modeldesk = (window.modeldesk = window.modeldesk || {});
  const desk = (modeldesk.predict = modeldesk.predict || {});

  const SIDE = 280;
  const MOST_NUMBERS = 400;
  const PEN = 0.085; // of the longer side

  desk.startImage = function (spec, place, form, setMany) {
    const { width, height } = spec;
    const block = Math.max(2, Math.round(SIDE / Math.max(width, height)));
    const canvas = desk.make("canvas", {
      class: "md-image-canvas w-100 mx-auto rounded", width: width * block, height: height * block, role: "img",
      "aria-label": desk.say("draw_here", spec),
    });
    const ink = canvas.getContext("2d", { willReadFrequently: true });
    const seen = desk.make("canvas", { class: "md-image-seen border rounded-1", width, height, role: "img", "aria-label": desk.say("seen_image") });
    const file = desk.make("input", { type: "file", id: `image-file-${spec.n}`, accept: "image/*", class: "visually-hidden", tabindex: "-1" });
    const choose = button("image", desk.say("choose_picture"), () => file.click());
    const clear = button("x-lg", desk.say("clear"), () => { wipe(); take(); });
    const numbers = numbersOf(spec, form, setMany, () => paint(read()));
    const label = desk.make("label", { class: "md-image-drop md-note", for: file.id }, desk.say("drop"));
    place.replaceChildren(
      canvas,
      desk.make("div", { class: "hstack gap-3" },
        desk.make("figure", { class: "d-grid gap-1 flex-shrink-0" }, seen, desk.make("figcaption", { class: "md-note" }, desk.say("as_seen"))),
        desk.make("div", { class: "hstack flex-wrap gap-2" }, clear, choose, file, label)),
      ...(numbers ? [numbers.element] : []),
    );

    let own = false; // our own change of values, not one from outside
    const names = spec.columns;
    const read = () => names.map((name) => desk.readNumber(form.values[name]));
    let shown = "";

    function take() {
      const values = coverage(ink, width, height, block).map((share, at) => valueOf(spec, share, at));
      own = true;
      setMany(desk.byName(names.map((name, at) => [name, values[at]])));
      own = false;
    }

    function wipe() {
      ink.clearRect(0, 0, canvas.width, canvas.height);
    }

    /** Paint values onto the drawing, for a default or numbers that were typed. */
    function paint(values) {
      const small = desk.make("canvas", { width, height });
      const context = small.getContext("2d");
      const pixels = context.createImageData(width, height);
      values.forEach((value, at) => { pixels.data[at * 4 + 3] = Math.round(shareOf(spec, value) * 255); });
      context.putImageData(pixels, 0, 0);
      wipe();
      ink.imageSmoothingEnabled = false;
      ink.drawImage(small, 0, 0, canvas.width, canvas.height);
      fresh = true;
    }

    let fresh = true; // what stands there was not drawn by hand: the first stroke replaces it
    function refresh() {
      if (!canvas.isConnected) return false;
      const values = read();
      const key = values.join();
      if (key !== shown) {
        shown = key;
        show(seen, spec, values);
        if (numbers) numbers.show();
        if (!own) paint(values);
      }
      return true;
    }
    desk.listeners.push(refresh);

    /* ---- drawing ---- */
    let last = null;
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
    };
    function stroke(from, to) {
      ink.strokeStyle = ink.fillStyle = "#000";
      ink.lineWidth = Math.max(canvas.width, canvas.height) * PEN;
      ink.lineCap = ink.lineJoin = "round";
      ink.beginPath();
      ink.moveTo(...from);
      ink.lineTo(to[0] + 0.01, to[1]);
      ink.stroke();
    }
    let due = false;
    function soon() {
      if (due) return;
      due = true;
      requestAnimationFrame(() => { due = false; take(); });
    }
    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      if (fresh) wipe();
      fresh = false;
      last = at(event);
      stroke(last, last);
      soon();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      for (const part of event.getCoalescedEvents?.() || [event]) {
        const next = at(part);
        stroke(last, next);
        last = next;
      }
      soon();
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { if (last) { last = null; take(); } });

    /* ---- pictures ---- */
    async function load(picture) {
      let bitmap;
      try {
        bitmap = await createImageBitmap(picture);
      } catch {
        label.textContent = desk.say("no_picture");
        label.setAttribute("role", "alert");
        return;
      }
      label.textContent = desk.say("drop");
      label.removeAttribute("role");
      drawPicture(ink, canvas, bitmap);
      fresh = true;
      take();
    }
    file.addEventListener("change", () => { if (file.files[0]) load(file.files[0]); file.value = ""; });
    place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("is-over"); });
    place.addEventListener("dragleave", () => place.classList.remove("is-over"));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      place.classList.remove("is-over");
      if (event.dataTransfer.files[0]) load(event.dataTransfer.files[0]);
    });
    place.addEventListener("paste", (event) => { if (event.clipboardData.files[0]) load(event.clipboardData.files[0]); });
  };

  function button(icon, text, act) {
    const made = desk.make("button", { type: "button", class: "btn btn-secondary btn-sm" },
      desk.make("i", { class: `md-icon md-icon-${icon}`, "aria-hidden": "true" }), desk.make("span", {}, text));
    made.addEventListener("click", act);
    return made;
  }

  /** The share of ink in each of the model's pixels, 0 to 1, row by row. */
  function coverage(ink, width, height, block) {
    const { data } = ink.getImageData(0, 0, width * block, height * block);
    const shares = new Array(width * height).fill(0);
    for (let y = 0; y < height * block; y += 1) {
      for (let x = 0; x < width * block; x += 1) {
        shares[Math.floor(y / block) * width + Math.floor(x / block)] += data[(y * width * block + x) * 4 + 3];
      }
    }
    return shares.map((sum) => sum / (255 * block * block));
  }

  function valueOf(spec, share, at) {
    const value = spec.paper + (spec.ink - spec.paper) * share;
    return String(spec.whole[at] ? Math.round(value) : Number(value.toPrecision(12)));
  }

  function shareOf(spec, value) {
    if (Number.isNaN(value) || spec.ink === spec.paper) return 0;
    return Math.min(1, Math.max(0, (value - spec.paper) / (spec.ink - spec.paper)));
  }

  function show(canvas, spec, values) {
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(spec.width, spec.height);
    values.forEach((value, at) => { pixels.data[at * 4 + 3] = Math.round(shareOf(spec, value) * 255); });
    context.putImageData(pixels, 0, 0);
  }

  /** Fit a picture into the canvas as ink: dark on light or light on dark, as its border tells. */
  function drawPicture(ink, canvas, bitmap) {
    const scale = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height);
    const [wide, tall] = [bitmap.width * scale, bitmap.height * scale];
    const [left, top] = [(canvas.width - wide) / 2, (canvas.height - tall) / 2];
    const work = desk.make("canvas", { width: canvas.width, height: canvas.height }).getContext("2d", { willReadFrequently: true });
    work.drawImage(bitmap, left, top, wide, tall);
    const picture = work.getImageData(0, 0, canvas.width, canvas.height);
    const darkness = (at) => {
      const [red, green, blue, alpha] = picture.data.subarray(at, at + 4);
      return (alpha / 255) * (1 - (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255);
    };
    const [x0, y0] = [Math.ceil(left), Math.ceil(top)];
    const [x1, y1] = [Math.floor(left + wide) - 1, Math.floor(top + tall) - 1];
    let border = 0;
    let counted = 0;
    for (let x = x0; x <= x1; x += 1) for (const y of [y0, y1]) { border += darkness((y * canvas.width + x) * 4); counted += 1; }
    for (let y = y0; y <= y1; y += 1) for (const x of [x0, x1]) { border += darkness((y * canvas.width + x) * 4); counted += 1; }
    const inverted = border / counted > 0.5;
    for (let y = 0; y < canvas.height; y += 1) {
      for (let x = 0; x < canvas.width; x += 1) {
        const at = (y * canvas.width + x) * 4;
        const inside = x >= x0 && x <= x1 && y >= y0 && y <= y1;
        const share = inside ? (inverted ? 1 - darkness(at) : darkness(at)) : 0;
        picture.data[at] = picture.data[at + 1] = picture.data[at + 2] = 0;
        picture.data[at + 3] = Math.round(share * 255);
      }
    }
    ink.putImageData(picture, 0, 0);
  }

  /** Every pixel as a number, folded away; made when it is first opened. */
  function numbersOf(spec, form, setMany, painted) {
    if (spec.columns.length > MOST_NUMBERS) return null;
    const grid = desk.make("div", { class: "md-image-numbers d-grid gap-1 overflow-x-auto", style: `--columns: ${spec.width}`, role: "group", "aria-label": desk.say("pixels", spec) });
    const element = desk.make("details", { class: "md-image-fold" }, desk.make("summary", { class: "md-small text-primary-emphasis" }, desk.say("enter_pixels")), grid);
    const inputs = [];
    element.addEventListener("toggle", () => {
      if (!element.open || inputs.length) return;
      spec.columns.forEach((name, at) => {
        const place = desk.say("pixel", { row: Math.floor(at / spec.width) + 1, column: (at % spec.width) + 1 });
        const input = desk.make("input", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-label": `${spec.label}, ${place}` });
        input.addEventListener("input", () => { setMany({ [name]: input.value.trim() === "" ? null : input.value }); painted(); });
        inputs.push(input);
      });
      grid.append(...inputs);
      show_();
    });
    function show_() {
      inputs.forEach((input, at) => {
        if (input !== document.activeElement) input.value = form.values[spec.columns[at]] ?? "";
      });
    }
    return { element, show: show_ };
  }
})();
