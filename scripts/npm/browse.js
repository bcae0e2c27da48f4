// Looks at every page as people do, in a real browser: both languages, two widths, light and dark. Each must have no fault that axe-core knows, ask
// nothing of another host, say nothing in the console, and fit its width. Then an analyst's way down to a commune, and a sign-in by keyboard alone.
// Called by scripts/pages with the address, the browser, and a folder for pictures.
"use strict";
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [base, executablePath, folder] = process.argv.slice(2);
const told = { pages: 0 };
const PICTURES = new Set((process.env.CHITRA_PICTURES || "").split(",").filter(Boolean));

const fail = (text) => { throw new Error(text); };

// A browser window of one reader; what goes wrong in it is kept.
const open = async (browser, { width, scheme, language, script = true, host = base }) => {
  const context = await browser.newContext({
    viewport: { width, height: 900 }, colorScheme: scheme, locale: language, acceptDownloads: true, javaScriptEnabled: script,
  });
  const faults = [];
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(host) && !url.startsWith("blob:" + host)) faults.push(`a request to ${url}`);
  });
  // Other work may keep the machine busy: what is late is not wrong.
  context.setDefaultTimeout(120000);
  const page = await context.newPage();
  page.on("console", (message) => {
    // The status of a page that is meant to be an error is no fault of it.
    if (message.type() === "error" && !/responded with a status of 4\d\d/.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  return { context, page, faults };
};

const enter = async (page, role) => {
  await page.goto(base + "/sign-in");
  await page.click(`button[name=role][value=${role}]`);
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
};

// Run in the page. Contrast takes most of the time and is a matter of what things are, not of how many there are: of rows, entries and articles
// that hold nothing a style could tell from what was there before, the contrast is not asked again. All else is asked of everything, once for
// both schemes: they differ by colours alone.
const faultsOfPage = async (coloursOnly) => {
  const SEEN = new Set(["class", "style", "type", "role", "aria-current", "lang"]);
  const told = (one) => one.tagName + [...one.attributes].map((each) => (SEEN.has(each.name) ? `[${each.name}=${each.value}]` : `[${each.name}]`)).sort().join("");
  const chains = new Map([[document.documentElement, ""]]);
  const chain = (one) => {
    if (!chains.has(one)) chains.set(one, `${chain(one.parentElement)} > ${told(one)}`);
    return chains.get(one);
  };
  const known = new Set(), repeated = [];
  for (const one of document.querySelectorAll("article, tr, li, a.tile")) {
    if (one.parentElement.closest("article, tr, li, a.tile")) continue;
    const kinds = [one, ...one.querySelectorAll("*")].map(chain);
    if (kinds.every((kind) => known.has(kind))) repeated.push(one);
    for (const kind of kinds) known.add(kind);
  }
  const others = { "color-contrast": { enabled: false } };
  const inAll = coloursOnly ? { violations: [] } : await window.axe.run(document, { resultTypes: ["violations"], rules: others });
  const inKinds = await window.axe.run({ include: [document.documentElement], exclude: repeated }, { resultTypes: ["violations"], runOnly: ["color-contrast", "link-in-text-block"] });
  return [...inAll.violations, ...inKinds.violations];
};

const ASKED = new Set();
const look = async ({ page, faults }, name, { width, scheme, language }) => {
  const about = `${name} (${language}, ${width} px, ${scheme})`;
  const lang = await page.getAttribute("html", "lang");
  if (lang !== language) fail(`${about} is in ${lang}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) {
    const widest = await page.evaluate(() => [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1 && !one.closest(".scroll")).slice(0, 4).map((one) => one.outerHTML.slice(0, 90)));
    fail(`${about} is ${wide} px too wide: ${widest.join(" | ")}`);
  }
  const asked = `${name} ${language} ${width}`;
  // By the debugger, not by the page: the policy of the page stays as it is.
  await page.evaluate(axe);
  const violations = await page.evaluate(faultsOfPage, ASKED.has(asked));
  ASKED.add(asked);
  if (violations.length > 0) {
    const lines = violations.map((one) => `${one.id}: ${one.help}\n    ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + "\n      " + node.failureSummary.split("\n").slice(1, 3).join(" ")).join("\n    ")}`);
    fail(`${about}: axe-core finds\n  ${lines.join("\n  ")}`);
  }
  if (faults.length > 0) fail(`${about}: ${faults.join("; ")}`);
  const picture = `${name}-${language}-${width}-${scheme}`;
  if (folder && (PICTURES.size === 0 || PICTURES.has(picture))) {
    await page.screenshot({ path: path.join(folder, picture + ".png"), fullPage: true });
  }
  told.pages += 1;
};

// Every page that a role has a menu line for, and those below them: each role comes in once.
const PAGES = [
  ["supervisor", "overview", "/overview"],
  ["supervisor", "overview-tiles", "/overview?cycle=2025-06"],
  ["supervisor", "desk-of-all", "/desk"],
  ["analyst", "overview-published", "/overview"],
  ["clerk", "desk", "/desk"],
  ["clerk", "uploads", "/uploads"],
  ["clerk", "lists", "/lists"],
  ["clerk", "payments", "/payments"],
  ["operator", "operations", "/operations"],
  ["auditor", "operations-audit", "/operations"],
  ["auditor", "audit", "/audit"],
];

// Looks at pages one after the other, each as its role.
const lookAtAll = async (window, pages, as, shown) => {
  let last = "";
  for (const [role, name, address] of pages) {
    if (role !== last) {
      await window.context.clearCookies();
      await enter(window.page, role);
      last = role;
    }
    await window.page.goto(base + address);
    if (shown) await shown(name);
    await look(window, name, as);
  }
};

const everyPage = async (browser, payment) => {
  for (const language of ["vi", "en"]) {
    for (const width of [1440, 390]) {
      for (const scheme of ["light", "dark"]) {
        const as = { width, scheme, language };
        const window = await open(browser, as);
        await window.page.goto(base + "/");
        await look(window, "sign-in", as);
        await window.page.goto(base + "/sign-in?over=1");
        const pages = [...PAGES, ["supervisor", "payment", `/payments/${payment}`], ["supervisor", "failure", "/overview?cycle=nonsense"]];
        await lookAtAll(window, pages, as, async (name) => {
          // The map has the communes after the reform; those before it are tiles.
          const drawn = { overview: "svg.map a path", "overview-tiles": "a.tile" }[name];
          if (drawn && await window.page.locator(drawn).count() < 10) fail(`${name} does not show its units: ${drawn}`);
        });
        await window.context.close();
      }
    }
  }
};

const analyst = async (browser, script) => {
  const { context, page, faults } = await open(browser, { width: 1440, scheme: "light", language: "en", script });
  await enter(page, "analyst");
  if (new URL(page.url()).pathname !== "/overview") fail(`an analyst's first page is ${page.url()}`);
  const heads = [];
  // Down as far as there are units below.
  for (let depth = 0; depth < 4; depth += 1) {
    heads.push((await page.textContent("h1")).trim());
    const link = page.locator("td a.row-link").first();
    if (await link.count() === 0) break;
    await link.click();
    await page.waitForLoadState();
  }
  if (new Set(heads).size < 2) fail(`an analyst goes down by ${heads.join(", ")} only`);
  if (!page.url().includes("unit=")) fail(`the unit is not in the address ${page.url()}`);
  await page.goBack();
  for (const kind of ["CSV", "XLSX"]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`.takeaway >> text="${kind}"`)]);
    const bytes = fs.readFileSync(await download.path());
    if (bytes.length < 200) fail(`${kind} has ${bytes.length} bytes`);
    if (kind === "CSV" && !bytes.toString().includes("people_ratio")) fail("the CSV has no rates");
  }
  if (script) {
    for (const kind of ["SVG", "PNG"]) {
      const [download] = await Promise.all([page.waitForEvent("download"), page.click(`.takeaway >> text="${kind}"`)]);
      const bytes = fs.readFileSync(await download.path());
      const begins = kind === "SVG" ? "<svg" : "\x89PNG";
      if (bytes.toString("latin1", 0, 4) !== begins || bytes.length < 1000) fail(`the ${kind} is none`);
    }
  }
  // A figure opens without a script too.
  await page.locator("details.open-figure summary").first().click();
  if (!(await page.locator("details.open-figure dl.facts").first().isVisible())) fail("a figure does not open");
  if (faults.length > 0) fail(faults.join("; "));
  await context.close();
};

const keyboard = async (browser, key) => {
  const { context, page, faults } = await open(browser, { width: 1440, scheme: "light", language: "en" });
  const at = () => page.evaluate(() => document.activeElement.outerHTML.slice(0, 100));
  const reach = async (selector, most = 60) => {
    for (let step = 0; step < most; step += 1) {
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
      await page.keyboard.press("Tab");
    }
    fail(`the keyboard does not come to ${selector}; it is at ${await at()}`);
  };
  await page.goto(base + "/sign-in");
  await reach("#key");
  await page.keyboard.type(key);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/overview");
  await page.keyboard.press("Tab");
  if (!(await page.evaluate(() => document.activeElement.matches("a.skip")))) fail("the first stop is not the way to the content");
  await page.keyboard.press("Enter");
  await reach("details.open-figure summary");
  await page.keyboard.press("Enter");
  if (!(await page.locator("details.open-figure dl.facts").first().isVisible())) fail("a figure does not open by keyboard");
  await reach("td a.row-link", 120);
  await page.keyboard.press("Enter");
  await page.waitForURL("**unit=**");
  await reach("details.who summary");
  await page.keyboard.press("Enter");
  await reach("details.who button");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/sign-in");
  await page.goto(base + "/overview");
  if (!page.url().includes("/sign-in")) fail("who signed out is still in");
  if (faults.length > 0) fail(faults.join("; "));
  await context.close();
};

// Three people of the clerk's unit, one of them with a sum that needs a second person.
const PEOPLE = (unit) => `beneficiary_ref,name,unit,channel,bank,account,effective_month
E2E-1,Người Một,${unit},account,vcb,0071000000011,2025-07
E2E-2,Người Hai,${unit},account,vcb,0071000000022,2025-07
E2E-3,Người Ba,${unit},account,vcb,0071000000033,2025-07
`;
const HEAD = "payment_reference,beneficiary_ref,benefit_type,cycle,amount\n";
// Nobody by that name, half a dong, and a benefit that is none.
const WRONG = HEAD + "E2E-P1,E2E-9,pension,2025-09,600000000\nE2E-P2,E2E-2,pension,2025-09,2500000.50\nE2E-P3,E2E-3,gold,2025-09,3000000\n";
const RIGHT = HEAD + "E2E-P1,E2E-1,pension,2025-09,600000000\nE2E-P2,E2E-2,pension,2025-09,2500000\nE2E-P3,E2E-3,pension,2025-09,3000000\n";
const PAID = "payment_reference,status,date,amount\nE2E-P1,settled,2025-09-05,600000000\nE2E-P2,settled,2025-09-05,2500000\nE2E-P3,settled,2025-09-05,3000000\n";
const file = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

// Sends a file and waits until it is looked through.
const send = async (page, kind, name, text) => {
  await page.goto(base + "/uploads");
  await page.setInputFiles("#file", file(name, text));
  await page.selectOption("#kind", kind);
  await page.click(".upload button[type=submit]");
  await page.waitForSelector("#h-result");
};
const recorded = async (page) => {
  await page.locator("form.confirm").waitFor({ state: "detached" });
  await page.waitForSelector("#h-result");
};
const record = async (page) => {
  await page.click("form.confirm button.primary");
  await recorded(page);
};
const says = async (page, text) => {
  const told = await page.textContent("main");
  if (!told.includes(text)) fail(`${page.url()} does not say ${JSON.stringify(text)}: ${told.replace(/\s+/g, " ").slice(0, 600)}`);
};
// Opens the form of a step, sees its plan, does it.
const step = async (page, operation, fill) => {
  const form = page.locator(`form:has(input[name=operation][value=${operation}])`);
  await page.locator(`details:has(input[name=operation][value=${operation}]) > summary`).click();
  if (fill) await fill(form);
  await form.locator("button[type=submit]").click();
  await page.waitForSelector("#h-plan");
  await page.click("form.confirm button[type=submit]");
  await page.waitForURL("**recorded=" + operation + "**");
  if (!(await page.isVisible(".recorded"))) fail(`nothing says that ${operation} is recorded`);
};

// A file with three kinds of errors, mended, confirmed, and its payments on a list that two people carry to its end.
const office = async (browser, facts, as) => {
  const clerk = await open(browser, as), supervisor = await open(browser, as);
  const page = clerk.page;
  await enter(page, "clerk");
  await enter(supervisor.page, "supervisor");
  await send(page, "beneficiaries", "people.csv", PEOPLE(facts.clerk_unit));
  await record(page);
  await send(page, "payments", "payments.csv", WRONG);
  const codes = await page.locator(".codes code").allTextContents();
  if (new Set(codes).size < 3) fail(`the file has the errors ${codes} only`);
  await look(clerk, "upload-to-mend", as);
  const [back] = await Promise.all([page.waitForEvent("download"), page.click('a[href$="/file"]')]);
  const returned = fs.readFileSync(await back.path()).toString();
  if (!returned.includes("E2E-P3") || returned.split("\n")[0].trim() === HEAD.trim()) fail("the file does not come back with a column of errors");
  await send(page, "payments", "payments.csv", RIGHT);
  await look(clerk, "upload-to-confirm", as);
  await record(page);
  await look(clerk, "upload-recorded", as);
  await page.goto(base + "/lists");
  await step(page, "prepareList", async (form) => {
    await form.locator("input[name=cycle]").fill("2025-09");
    await form.locator("select[name=channel]").selectOption("account");
  });
  await look(clerk, "list", as);
  const list = page.url().split("?")[0];
  await page.locator("details:has(input[value=checkList]) > summary").click();
  await page.click("form:has(input[value=checkList]) button[type=submit]");
  await page.waitForSelector("#h-plan");
  await look(clerk, "plan", as);
  await page.click("form.confirm button[type=submit]");
  await page.waitForURL("**recorded=checkList**");
  if (await page.locator("input[value=approveList], input[value=submitList]").count() > 0) fail("the clerk may send what a second person must approve");
  await supervisor.page.goto(list);
  await step(supervisor.page, "approveList");
  await page.goto(list);
  await step(page, "submitList");
  await step(page, "acknowledgeList", (form) => form.locator("select[name=answer]").selectOption("accepted"));
  await send(page, "outcomes", "outcomes.csv", PAID);
  await record(page);
  await page.goto(list);
  // What was just recorded shows once the rows have followed.
  for (let tries = 0; await page.locator("tbody .chip.good").count() < 3; tries += 1) {
    if (tries > 20) fail(`not every item of the list is settled: ${await page.textContent("tbody")}`);
    await page.waitForTimeout(500);
    await page.reload();
  }
  await step(page, "reconcileList");
  await step(page, "closeList");
  if (!(await page.isVisible(".page-head .chip.good"))) fail("the list is not closed");
  await look(clerk, "list-closed", as);
  for (const { faults, context } of [clerk, supervisor]) {
    if (faults.length > 0) fail(faults.join("; "));
    await context.close();
  }
  // The same pages as others see them: on a phone, in the dark, in Vietnamese.
  for (const language of ["vi", "en"]) {
    for (const scheme of ["light", "dark"]) {
      const other = { width: 390, scheme, language };
      const phone = await open(browser, other);
      await enter(phone.page, "clerk");
      await phone.page.goto(list);
      await look(phone, "list-closed", other);
      await send(phone.page, "payments", "payments.csv", WRONG);
      await look(phone, "upload-to-mend", other);
      await phone.context.close();
    }
  }
};

// The upload without a mouse, and what a payment's page and the desk do with it.
const uploadByKeyboard = async (browser, facts) => {
  const { context, page, faults } = await open(browser, { width: 1440, scheme: "light", language: "en" });
  const reach = async (selector, most = 90) => {
    for (let stop = 0; stop < most; stop += 1) {
      if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
      await page.keyboard.press("Tab");
    }
    fail(`the keyboard does not come to ${selector} on ${page.url()}`);
  };
  await page.goto(base + "/sign-in");
  await reach("#key");
  await page.keyboard.type(facts.keys.clerk);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/desk");
  await reach("a[href='/uploads']");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/uploads");
  await reach("#file");
  // A page that was just loaded may not take the first key for a person's.
  let chooser = null;
  for (const key of ["Enter", "Space", "Enter"]) {
    const asked = page.waitForEvent("filechooser", { timeout: 10000 }).catch(() => null);
    await page.keyboard.press(key);
    chooser = await asked;
    if (chooser) break;
  }
  if (!chooser) fail("no key opens the choice of a file");
  await chooser.setFiles(file("keyboard.csv", HEAD + "E2E-K1,E2E-1,pension,2025-10,1000000\n"));
  await reach("#kind");
  await page.keyboard.press("Home");
  await reach(".upload button[type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("form.confirm");
  await reach("form.confirm button.primary");
  await page.keyboard.press("Enter");
  await recorded(page);
  await says(page, "Recorded");
  // What was recorded is in the lists a moment later.
  for (let look = 0; look < 60; look += 1) {
    await page.goto(base + "/payments?payment_reference=E2E-K1");
    if ((await page.locator("td a.row-link").count()) > 0) break;
    await page.waitForTimeout(500);
  }
  await reach("td a.row-link");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/payments/**");
  // The form that cancels it: opened, filled in and sent by keyboard.
  await reach("details:has(input[value=cancelPayment]) > summary");
  await page.keyboard.press("Enter");
  await reach("form:has(input[value=cancelPayment]) textarea");
  await page.keyboard.type("sent by mistake");
  await reach("form:has(input[value=cancelPayment]) button[type=submit]");
  await page.keyboard.press("Enter");
  await page.waitForURL("**recorded=cancelPayment**");
  await says(page, "Cancelled by the agency.");
  if (faults.length > 0) fail(faults.join("; "));
  await context.close();
};

// Sends the form of an operation, with its fields filled in, and waits until it is done.
const deed = async (page, operation, fill) => {
  const form = page.locator(`form:has(input[name=operation][value=${operation}])`).first();
  await page.locator(`details:has(input[name=operation][value=${operation}]) > summary`).first().click();
  if (fill) await fill(form);
  await form.locator("button[type=submit]").click();
  await page.waitForURL("**recorded=" + operation + "**");
};

// Another operator consents to what the page before asked for.
const consented = async (facts, page) => {
  const position = new URL(page.url()).searchParams.get("min_position");
  const headers = { authorization: "Bearer " + facts.keys.second_operator, "content-type": "application/json" };
  const { approvals } = await (await fetch(`${base}/v1/approvals?status=pending&min_position=${position}`, { headers })).json();
  if (approvals.length !== 1) fail(`${approvals.length} changes wait for an operator, not one`);
  for (const { approval_id: id } of approvals) {
    const granted = await fetch(`${base}/v1/approvals/${id}/grant`, { method: "POST", headers: { ...headers, "idempotency-key": id }, body: "{}" });
    if (granted.status !== 201) fail(`a change is not consented to: ${granted.status} ${await granted.text()}`);
  }
};

// What the bank says of two payments, signed: of one that is its own to say, and of one that nobody knows.
const report = async (facts, privateKey) => {
  const mine = await fetch(`${base}/v1/payments/${facts.payment}`, { headers: { authorization: "Bearer " + facts.keys.supervisor } });
  const { end_to_end_id: known } = (await mine.json()).attempts.at(-1);
  const items = [known, "0".repeat(32)].map((id) => ({ end_to_end_id: id, status: "note" }));
  const body = JSON.stringify({ message_id: "WALK-1", items });
  const head = { alg: "EdDSA", kid: facts.bank + "-2025", iat: Math.floor(Date.now() / 1000), b64: false, crit: ["b64"] };
  const first = Buffer.from(JSON.stringify(head)).toString("base64url");
  const signature = require("crypto").sign(null, Buffer.from(`${first}.${body}`), privateKey).toString("base64url");
  const sent = await fetch(`${base}/v1/bank-callbacks/${facts.bank}`, { method: "POST", headers: { "x-jws-signature": `${first}..${signature}`, "content-type": "application/json" }, body });
  const answer = await sent.json();
  if (!answer.inbox_id) fail(`a bank's message is not taken: ${sent.status} ${JSON.stringify(answer)}`);
  return answer.inbox_id;
};

// A provider of OpenID Connect with one person, who signs in there by a button.
const provider = (port) => {
  const crypto = require("crypto");
  const { publicKey, privateKey } = crypto.generateKeyPairSync("ed25519");
  const issuer = `http://127.0.0.1:${port}`;
  const codes = new Map();
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const idToken = (nonce) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: "chitra", sub: "mai", preferred_username: "Mai", roles: ["chief"], nonce, iat: now, exp: now + 60 };
    const signed = `${part({ alg: "EdDSA", kid: "one" })}.${part(claims)}`;
    return `${signed}.${crypto.sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
  };
  const answer = (response, status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(value));
  };
  const server = require("http").createServer(async (request, response) => {
    const url = new URL(request.url, issuer);
    if (url.pathname === "/.well-known/openid-configuration") {
      return answer(response, 200, { issuer, authorization_endpoint: issuer + "/authorize", token_endpoint: issuer + "/token", jwks_uri: issuer + "/keys" });
    }
    if (url.pathname === "/keys") return answer(response, 200, { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one" }] });
    if (url.pathname === "/authorize") {
      const asked = Object.fromEntries(url.searchParams);
      const code = crypto.randomUUID();
      codes.set(code, asked);
      const back = `${asked.redirect_uri}?${new URLSearchParams({ code, state: asked.state })}`;
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      return response.end(`<!doctype html><html lang="en"><title>Province account</title><a id="mai" href="${back.replaceAll("&", "&amp;")}">Go on as Mai</a>`);
    }
    if (url.pathname === "/token") {
      let text = "";
      for await (const chunk of request) text += chunk;
      const form = new URLSearchParams(text);
      const asked = codes.get(form.get("code"));
      codes.delete(form.get("code"));
      const challenge = crypto.createHash("sha256").update(form.get("code_verifier") || "").digest("base64url");
      if (!asked || challenge !== asked.code_challenge || form.get("redirect_uri") !== asked.redirect_uri) return answer(response, 400, { error: "invalid_grant" });
      return answer(response, 200, { token_type: "Bearer", id_token: idToken(asked.nonce) });
    }
    return answer(response, 404, {});
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
};

// Somebody comes in by the provider's button, looks, and signs out.
const byProvider = async (browser, sandbox) => {
  const host = sandbox.C;
  const server = await provider(sandbox.provider);
  try {
    for (const width of [1440, 390]) {
      const as = { width, scheme: "light", language: "en", host };
      const window = await open(browser, as);
      const { page, faults } = window;
      await page.goto(host + "/sign-in");
      await says(page, "Sign in by Province account");
      await look(window, "sign-in-provider", as);
      await page.click("a[href^='/sign-in/oidc']");
      await page.waitForSelector("#mai");
      await page.click("#mai");
      await page.waitForURL(host + "/overview**");
      // Who came in stands in a menu that is not open.
      if (!(await page.textContent("body")).includes("Mai")) fail("whom the provider named is not signed in");
      const asked = faults.filter((one) => !one.startsWith(`a request to http://127.0.0.1:${sandbox.provider}/`));
      if (asked.length > 0) fail(asked.join("; "));
      await page.locator("header details summary").first().click();
      await page.click("form[action='/sign-out'] button");
      await page.waitForURL("**/sign-in**");
      await window.context.close();
    }
  } finally {
    server.close();
    server.closeAllConnections();
  }
};

// An operator registers a bank with a key; the bank sees what to send, a webhook's keeper what was sent, and a figure is cited.
const integrators = async (browser, facts) => {
  const { publicKey, privateKey } = require("crypto").generateKeyPairSync("ed25519");
  const plain = { width: 1440, scheme: "light", language: "en" };
  const operator = await open(browser, plain);
  await enter(operator.page, "operator");
  await operator.page.goto(base + "/integration");
  await deed(operator.page, "registerBank", (form) => form.locator("select[name=bank]").selectOption(facts.bank));
  await says(operator.page, "second person");
  await consented(facts, operator.page);
  await operator.page.goto(base + "/integration");
  await deed(operator.page, "addBankKey", async (form) => {
    await form.locator("input[name=key_id]").fill(facts.bank + "-2025");
    await form.locator("textarea[name=key]").fill(publicKey.export({ type: "spki", format: "pem" }));
  });
  await consented(facts, operator.page);
  const headers = { authorization: "Bearer " + facts.keys.supervisor, "content-type": "application/json", "idempotency-key": "browse" };
  // Nobody answers there: what a page shows of that is looked at.
  const made = await fetch(base + "/v1/webhooks", { method: "POST", headers, body: JSON.stringify({ url: "https://listener.invalid/chitra", types: ["payment.settled"], description: "The ledger" }) });
  const webhook = (await made.json()).webhook_id;
  if (!webhook) fail(`no webhook was registered: ${made.status}`);
  await fetch(`${base}/v1/webhooks/${webhook}/ping`, { method: "POST", headers: { ...headers, "idempotency-key": "ping" }, body: "{}" });
  const message = await report(facts, privateKey);
  const supervisor = await open(browser, plain);
  await enter(supervisor.page, "supervisor");
  // A cycle with payments of many: the newest one has those of the forms above alone.
  await supervisor.page.goto(base + "/overview?cycle=2025-08");
  await supervisor.page.locator("#headline details.open-figure > summary").click();
  await supervisor.page.locator("#headline form.cite button").click();
  await supervisor.page.waitForURL("**/figures/**");
  await says(supervisor.page, "The log gives the same digits");
  const cited = new URL(supervisor.page.url()).pathname;
  for (const language of ["vi", "en"]) {
    for (const width of [1440, 390]) {
      for (const scheme of ["light", "dark"]) {
        const as = { width, scheme, language };
        const reader = await open(browser, as);
        const pages = [["bank", "integration", "/integration"], ["bank", "message", "/integration/messages/" + message], ["operator", "integration-keys", "/integration"],
          ["supervisor", "message-seen", "/integration/messages/" + message], ["supervisor", "webhook", "/integration/webhooks/" + webhook],
          ["supervisor", "cited", cited], ["supervisor", "cited-figures", "/figures"]];
        await lookAtAll(reader, pages, as, async (name) => {
          if (name === "webhook") await reader.page.locator("details.more > summary").first().click().catch(() => {});
        });
        await reader.context.close();
      }
    }
  }
  for (const { faults, context } of [operator, supervisor]) {
    if (faults.length > 0) fail(faults.join("; "));
    await context.close();
  }
};

// Operations tried out on the /docs of a sandbox, and nowhere else.
const docs = async (browser, sandbox) => {
  const host = sandbox.C;
  for (const width of [1440, 390]) {
    for (const scheme of ["light", "dark"]) {
      const as = { width, scheme, language: "en", host };
      const window = await open(browser, as);
      const page = window.page;
      await page.goto(host + "/docs");
      await page.waitForSelector("#try-key");
      const attempt = async (operation, fill) => {
        const article = page.locator(`#${operation}`);
        await article.locator("details.try-it > summary").click();
        if (fill) await fill(article);
        await article.locator("form.try button").click();
        await article.locator(".try-answer pre, .try-answer p:has-text('test_')").first().waitFor();
        return article.locator(".try-answer").textContent();
      };
      const key = sandbox.CLERK_KEY;
      await page.fill("#try-key", "chitra_" + key.slice(5));
      if (!(await attempt("listPayments")).includes("test_")) fail("a key of another log is sent");
      await page.fill("#try-key", key);
      await page.reload();
      await page.fill("#try-key", key);
      if (!(await attempt("listPayments")).startsWith("200")) fail("payments are not listed");
      const read = await attempt("readPayment", (article) => article.locator("input").first().fill(sandbox.PAYMENT_2));
      if (!read.startsWith("200") || !read.includes(sandbox.PAYMENT_2)) fail(`a payment is not read: ${read.slice(0, 200)}`);
      const held = await attempt("holdPayment", (article) => article.locator("input").first().fill(sandbox.PAYMENT_2));
      if (!/^20[01]/.test(held) && !/^409/.test(held)) fail(`a payment is not held: ${held.slice(0, 300)}`);
      await look(window, "docs", as);
      await window.context.close();
    }
  }
  const other = await open(browser, { width: 1440, scheme: "light", language: "en" });
  await other.page.goto(base + "/docs");
  if (await other.page.locator("script, #try-key").count() > 0) fail("what is no sandbox lets one try");
  await other.context.close();
};

// A file dropped where it is chosen.
const dropped = async (browser, facts) => {
  const { context, page, faults } = await open(browser, { width: 1440, scheme: "light", language: "en" });
  await enter(page, "clerk");
  await page.goto(base + "/uploads");
  const moved = await page.evaluateHandle((text) => {
    const moved = new DataTransfer();
    moved.items.add(new File([text], "dropped.csv", { type: "text/csv" }));
    return moved;
  }, HEAD + "E2E-D1,E2E-2,pension,2025-11,1000000\n");
  await page.dispatchEvent("[data-drop]", "dragover", { dataTransfer: moved });
  if (await page.locator("[data-drop].over").count() !== 1) fail("nothing shows where a file may be dropped");
  await page.dispatchEvent("[data-drop]", "drop", { dataTransfer: moved });
  const name = await page.evaluate(() => document.getElementById("file").files[0]?.name);
  if (name !== "dropped.csv") fail(`a dropped file is not chosen: ${name}`);
  await page.click(".upload button[type=submit]");
  await page.waitForSelector("form.confirm");
  await says(page, "Record 1");
  if (faults.length > 0) fail(faults.join("; "));
  await context.close();
};

(async () => {
  const facts = JSON.parse(fs.readFileSync(0, "utf8"));
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const parts = [
      () => everyPage(browser, facts.payment), () => analyst(browser, true), () => analyst(browser, false), () => keyboard(browser, facts.keys.supervisor),
      () => office(browser, facts, { width: 1440, scheme: "light", language: "en" }), () => uploadByKeyboard(browser, facts), () => dropped(browser, facts),
      () => integrators(browser, facts), () => docs(browser, facts.sandbox), () => byProvider(browser, facts.sandbox),
    ];
    // CHITRA_PARTS=7,8 while one of them is worked on.
    const chosen = (process.env.CHITRA_PARTS || "").split(",").filter(Boolean).map(Number);
    for (const [number, part] of parts.entries()) {
      if (chosen.length > 0 && !chosen.includes(number)) continue;
      await part();
      process.stdout.write(`   part ${number} of ${parts.length} is well, ${Math.round(process.uptime())} s after the start; ${told.pages} pages\n`);
    }
    process.stdout.write(`${told.pages} pages looked at, an analyst's way with and without scripts, a file's way to a closed list by two people, two by keyboard alone, a file dropped, a bank's first key, a figure cited, a sign-in by a provider, operations tried out in a sandbox: all is well\n`);
  } finally {
    await browser.close();
  }
})().catch((error) => { process.stderr.write(`scripts/pages: ${error.message}\n`); process.exit(1); });
