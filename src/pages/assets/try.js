// Try-it-out on /docs, in a sandbox alone: a form for each operation, made from the document that the page was made from. Asks this host only; the
// key stays in the page and is gone with it.
"use strict";
(async () => {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) return;
  const api = await answer.json();
  const KEY = "test_";
  let made = 0;

  const element = (name, attributes = {}, ...inside) => {
    const one = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) one.setAttribute(key, "");
      else if (value !== false && value !== undefined) one.setAttribute(key, value);
    }
    one.append(...inside);
    return one;
  };
  const schemaOf = (schema) => (schema && schema.$ref ? api.components.schemas[schema.$ref.split("/").pop()] : schema) || {};

  const key = element("input", { id: "try-key", type: "password", autocomplete: "off", spellcheck: "false", placeholder: KEY + "…" });
  const box = element("section", { class: "try-key", "aria-labelledby": "try-head" },
    element("h2", { id: "try-head" }, "Try it"),
    element("p", {}, "This server is a sandbox: nothing here is anybody's money. Put in a key that it printed at its start, then open “Try it” below any operation."),
    element("label", { for: "try-key" }, "Key"), key);
  document.getElementById("who").before(box);

  const field = (parameter) => {
    const id = `try-${made += 1}`;
    const schema = schemaOf(parameter.schema);
    const name = parameter.name;
    const label = element("label", { for: id }, element("code", {}, name), parameter.required ? " needed" : "");
    let input;
    if (schema.enum) {
      input = element("select", { id, required: parameter.required }, element("option", { value: "" }, "–"));
      for (const word of schema.enum) if (word !== null) input.append(element("option", { value: word }, String(word)));
    } else {
      input = element("input", { id, required: parameter.required, autocomplete: "off", spellcheck: "false" });
      if (name === "Idempotency-Key") input.value = crypto.randomUUID();
    }
    return { parameter, input, part: element("div", {}, label, input) };
  };

  const bodyOf = (operation) => {
    const content = operation.requestBody && operation.requestBody.content;
    if (!content) return null;
    const id = `try-${made += 1}`;
    if (content["application/json"]) {
      const schema = schemaOf(content["application/json"].schema);
      const example = schema.examples ? schema.examples[0] : {};
      const area = element("textarea", { id, rows: 8, spellcheck: "false" });
      area.value = JSON.stringify(example, null, 2);
      return { part: element("div", { class: "wide" }, element("label", { for: id }, "Body"), area), read: () => ({ type: "application/json", body: area.value }) };
    }
    const file = element("input", { id, type: "file", required: true });
    const type = (name) => Object.keys(content).find((kind) => kind.includes(name.endsWith(".xlsx") ? "spreadsheet" : name.endsWith(".ndjson") ? "ndjson" : "csv"));
    return { part: element("div", { class: "wide" }, element("label", { for: id }, "File"), file), read: () => ({ type: type(file.files[0].name), body: file.files[0] }) };
  };

  const show = async (out, response, milliseconds) => {
    const type = response.headers.get("content-type") || "";
    const heads = ["location", "etag", "idempotent-replayed", "retry-after", "link", "x-request-id"];
    const head = heads.filter((name) => response.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}`);
    let text;
    if (/json/.test(type) && !/ndjson/.test(type)) {
      text = await response.text();
      try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* as it came */ }
    } else if (/^text\/|xml|ndjson/.test(type)) {
      text = await response.text();
    } else {
      text = `${type || "nothing"}, ${(await response.blob()).size} bytes`;
    }
    if (text.length > 20000) text = text.slice(0, 20000) + "\n…";
    out.replaceChildren(
      element("p", {}, element("b", { class: response.ok ? "get" : "post" }, String(response.status)), ` in ${milliseconds} ms`),
      element("pre", { tabindex: "0" }, element("code", {}, [...head, "", text].join("\n").trim())));
  };

  const form = (path, method, operation) => {
    const fields = (operation.parameters || []).map(field);
    const body = bodyOf(operation);
    const out = element("div", { class: "try-answer", role: "status" });
    const send = element("button", { type: "submit" }, "Send");
    const one = element("form", { class: "try" }, ...fields.map(({ part }) => part), ...(body ? [body.part] : []), send, out);
    const say = (text) => out.replaceChildren(element("p", {}, text));
    one.addEventListener("submit", async (event) => {
      event.preventDefault();
      const isOpen = operation.security && operation.security.length === 0;
      if (!isOpen && !key.value.startsWith(KEY)) return say(`A sandbox takes keys that begin with ${KEY}: put one in at the head of this page.`);
      const headers = {}, query = new URLSearchParams();
      let address = path;
      for (const { parameter, input } of fields) {
        const value = input.value.trim();
        if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(value));
        else if (value !== "" && parameter.in === "query") query.set(parameter.name, value);
        else if (value !== "" && parameter.in === "header") headers[parameter.name] = value;
      }
      if (!isOpen) headers.Authorization = `Bearer ${key.value.trim()}`;
      const sent = body ? body.read() : {};
      if (sent.type) headers["Content-Type"] = sent.type;
      const asked = query.toString();
      const began = performance.now();
      say("…");
      try {
        const response = await fetch(address + (asked ? `?${asked}` : ""), { method: method.toUpperCase(), headers, body: sent.body, credentials: "omit" });
        await show(out, response, Math.round(performance.now() - began));
      } catch (error) {
        say(`No answer: ${error.message}`);
      }
    });
    return one;
  };

  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const article = operation.operationId && document.getElementById(operation.operationId);
      // A stream has no end, and a bank's callback is signed.
      if (!article || Object.keys(operation.responses["200"]?.content || {}).includes("text/event-stream")) continue;
      const summary = element("summary", {}, "Try it");
      const details = element("details", { class: "try-it" }, summary);
      details.addEventListener("toggle", () => { if (details.open && !details.querySelector("form")) details.append(form(path, method, operation)); });
      article.append(details);
    }
  }
})();
