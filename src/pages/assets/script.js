// What a script adds to pages that work without it: filters that act when changed, pictures to take away, figures that move by themselves.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("with-script");

  // A filter acts when it is changed with the mouse or closed; typing waits for the button.
  for (const select of document.querySelectorAll("form.filters[method=get]:not([data-waits]) :is(select, input[type=date])")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  for (const form of document.querySelectorAll("form.filters")) {
    // What is empty stays out of the address.
    form.addEventListener("submit", () => {
      for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
    });
    window.addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; });
  }

  // A menu that is open closes with Escape or a click beside it.
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("details.who[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
  document.addEventListener("click", (event) => {
    const open = document.querySelector("details.who[open]");
    if (open && !open.contains(event.target)) open.open = false;
  });

  // A picture as a file: its look is written into it, since style sheets stay behind.
  const drawn = (svg) => {
    const copy = svg.cloneNode(true);
    const look = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap", "font-family", "font-size", "font-weight", "text-anchor"];
    const parts = [svg, ...svg.querySelectorAll("*")], copies = [copy, ...copy.querySelectorAll("*")];
    parts.forEach((part, place) => {
      const style = getComputedStyle(part);
      for (const name of look) copies[place].setAttribute(name, style.getPropertyValue(name));
      copies[place].removeAttribute("class");
    });
    const box = svg.viewBox.baseVal;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height);
    return { text: new XMLSerializer().serializeToString(copy), width: box.width, height: box.height };
  };
  const give = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture]");
    if (!button) return;
    const { text, width, height } = drawn(document.querySelector(button.dataset.of));
    const file = new Blob([text], { type: "image/svg+xml" });
    if (button.dataset.picture === "svg") return give(file, button.dataset.name + ".svg");
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = width * 3;
      canvas.height = height * 3;
      const context = canvas.getContext("2d");
      context.fillStyle = getComputedStyle(document.querySelector(".card")).backgroundColor;
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => give(blob, button.dataset.name + ".png"));
      URL.revokeObjectURL(image.src);
    };
    image.src = URL.createObjectURL(file);
  });

  // A file may be dropped where it is chosen.
  for (const drop of document.querySelectorAll("[data-drop]")) {
    const field = drop.querySelector("input[type=file]");
    const over = (is) => (event) => { event.preventDefault(); drop.classList.toggle("over", is); };
    drop.addEventListener("dragover", over(true));
    drop.addEventListener("dragleave", over(false));
    drop.addEventListener("drop", (event) => {
      over(false)(event);
      if (event.dataTransfer.files.length === 1) field.files = event.dataTransfer.files;
    });
  }

  // How far a file has come, as it comes; at its end the page is asked for again.
  const told = document.querySelector("[data-progress]");
  if (told && window.EventSource) {
    const bar = document.getElementById("progress");
    const number = (value) => value.toLocaleString(document.documentElement.lang === "vi" ? "vi-VN" : "en-GB");
    const rows = new EventSource(told.dataset.progress);
    rows.addEventListener("progress", (event) => {
      const { rows: n, of } = JSON.parse(event.data);
      told.textContent = (of === null ? told.dataset.checking : told.dataset.recording).replace("{n}", number(n)).replace("{of}", number(of ?? 0));
      if (of !== null) { bar.max = of; bar.value = n; }
    });
    rows.addEventListener("done", () => { rows.close(); location.reload(); });
    window.addEventListener("pagehide", () => rows.close());
  }

  // Figures move when the log does: the server tells that there is something new, the page is asked for again, and its live parts change.
  const live = document.querySelector("[data-live]");
  if (!live || !window.EventSource) return;
  let waiting = false, last = 0, wanted = 0;
  const refresh = async () => {
    waiting = false;
    last = Date.now();
    const answer = await fetch(location.href, { headers: { accept: "text/html", "x-by-itself": "1" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live-part]")) {
      const other = fresh.getElementById(part.id);
      // Nothing changes under a reader's hands.
      if (!other || part.contains(document.activeElement) || part.querySelector("details[open]") || part.innerHTML === other.innerHTML) continue;
      part.innerHTML = other.innerHTML;
    }
    const [stamp, newer] = [document.getElementById("stamp"), fresh.getElementById("stamp")];
    if (stamp && newer && !("fixed" in stamp.dataset)) {
      stamp.dataset.position = newer.dataset.position;
      // The server may still be computing the newest state while it shows the one before.
      if (Number(newer.dataset.position) < wanted) later(3000);
    }
    for (const beat of document.querySelectorAll(".beat")) {
      beat.classList.remove("moved");
      void beat.offsetWidth;
      beat.classList.add("moved");
    }
  };
  const later = (milliseconds) => {
    if (waiting || document.hidden) return;
    waiting = true;
    setTimeout(() => refresh().catch(() => {}), Math.max(0, milliseconds - (Date.now() - last)));
  };
  document.addEventListener("visibilitychange", () => { if (wanted) later(0); });
  const source = new EventSource(live.dataset.live);
  source.addEventListener("moved", (event) => {
    wanted = JSON.parse(event.data).position;
    const stamp = document.getElementById("stamp");
    if (stamp && Number(stamp.dataset.position) >= wanted) return;
    later(2000);
  });
  window.addEventListener("pagehide", () => source.close());
})();
