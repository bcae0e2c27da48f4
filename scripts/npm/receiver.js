// A receiver as people with Node would write it, by the published package: `/hook` takes what verifies, `/try` says of anything whether it does, and
// `/taken` tells what came. The secrets that are in force are set by `/secrets`. Prints its port.
"use strict";
const http = require("node:http");
const { Webhook } = require("standardwebhooks");

let secrets = [];
const taken = [];
const refused = [];

function verified(secret, body, headers) {
  try {
    return { ok: true, message: new Webhook(secret).verify(body, headers) };
  } catch (error) {
    return { ok: false, why: String(error.message) };
  }
}

function hook(body, headers) {
  const tried = secrets.map((secret) => verified(secret, body, headers));
  const good = tried.find((one) => one.ok);
  if (!good) {
    refused.push(tried.map((one) => one.why));
    return [401, {}];
  }
  taken.push({ id: headers["webhook-id"], message: good.message });
  return [204, {}];
}

function answer(url, body, headers) {
  if (url === "/hook") return hook(body, headers);
  const asked = body ? JSON.parse(body) : {};
  if (url === "/secrets") {
    secrets = asked.secrets;
    return [200, {}];
  }
  if (url === "/try") return [200, verified(asked.secret, asked.body, asked.headers)];
  return [200, { taken, refused }];
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const [status, told] = answer(request.url, Buffer.concat(parts).toString("utf8"), request.headers);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(status === 204 ? undefined : JSON.stringify(told));
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
