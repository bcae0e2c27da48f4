// The published clients of npm against a server of the event store protocol: node eventstore.js PACKAGE ADDRESS PAYMENT. The first difference ends it with exit code 1.
const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");

const [, , name, address, payment] = process.argv;
const library = require(name);
const { jsonEvent, binaryEvent, ANY, NO_STREAM, STREAM_EXISTS, START, END, FORWARDS, BACKWARDS, streamNameFilter, eventTypeFilter } = library;
const { PARK, RETRY, persistentSubscriptionToStreamSettingsFromDefaults: ofStream, persistentSubscriptionToAllSettingsFromDefaults: ofLog } = library;
const isNew = name.startsWith("@kurrent");
const Client = isNew ? library.KurrentDBClient : library.EventStoreDBClient;
const client = Client.connectionString(`${isNew ? "kurrentdb" : "esdb"}://${address}?tls=false`);
const stream = (kind) => `${kind}_npm${isNew ? "new" : "old"}-${randomUUID()}`;
const event = (type = "Happened", data = {}) => jsonEvent({ type, data });
const append = (to, expected, events) => client.appendToStream(to, events, isNew ? { streamState: expected } : { expectedRevision: expected });

async function all(read) {
  const found = [];
  for await (const resolved of read) found.push(resolved);
  return found;
}

// A refusal's type, or a difference.
async function refused(deed, type) {
  await assert.rejects(deed, (error) => error.type === type || assert.fail(`${error.type} (${error.message}) where ${type} was expected`));
}

async function appends() {
  const to = stream("order");
  await refused(append(to, STREAM_EXISTS, event()), "wrong-expected-version");
  await refused(append(to, 0n, event()), "wrong-expected-version");
  const first = event();
  const written = await append(to, NO_STREAM, first);
  assert.equal(written.nextExpectedRevision, 0n);
  assert.deepEqual((await append(to, NO_STREAM, first)).position, written.position);
  await refused(append(to, NO_STREAM, event()), "wrong-expected-version");
  await append(to, 0n, event());
  await append(to, STREAM_EXISTS, event());
  const several = await append(to, ANY, [event("A"), event("B"), event("C")]);
  assert.equal(several.nextExpectedRevision, 5n);
  await refused(append("payment-1", ANY, event()), "access-denied");
  const read = await all(client.readStream(to));
  assert.deepEqual(read.map(({ event }) => event.revision), [0n, 1n, 2n, 3n, 4n, 5n]);
  assert.equal(read[5].event.position.commit, several.position.commit);
}

async function reads() {
  const to = stream("kept");
  await append(to, ANY, [jsonEvent({ type: "Kept", data: { amount: 1.5 }, metadata: { who: "me" } }), binaryEvent({ type: "Kept", data: Buffer.from([0, 255]) })]);
  const [json, binary] = (await all(client.readStream(to))).map(({ event }) => event);
  assert.deepEqual([json.data, json.metadata, json.isJson, binary.isJson], [{ amount: 1.5 }, { who: "me" }, true, false]);
  assert.deepEqual([...binary.data], [0, 255]);
  const back = await all(client.readStream(to, { direction: BACKWARDS, fromRevision: END, maxCount: 1 }));
  assert.deepEqual(back.map(({ event }) => event.id), [binary.id]);
  await refused(all(client.readStream(stream("nothing"))), "stream-not-found");
  const forwards = await all(client.readAll({ direction: FORWARDS, fromPosition: START, filter: streamNameFilter({ prefixes: [to] }) }));
  const ids = forwards.map(({ event }) => event.id);
  // The older client reads the log without its filter.
  assert.deepEqual(isNew ? ids : ids.filter((id) => id === json.id || id === binary.id), [json.id, binary.id]);
  const log = await all(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 3 }));
  assert.equal(log.length, 3);
}

async function follows() {
  const [to, type] = [stream("followed"), `Followed${randomUUID()}`];
  await append(to, NO_STREAM, Array.from({ length: 20 }, () => event()));
  const told = (subscription, count) =>
    new Promise((resolve, reject) => {
      const found = [];
      subscription.on("error", reject);
      subscription.on("data", ({ event }) => {
        found.push(event.id);
        if (found.length === count) subscription.unsubscribe().then(() => resolve(found), reject);
      });
    });
  const both = [
    told(client.subscribeToStream(to, { fromRevision: START }), 40),
    told(client.subscribeToAll({ fromPosition: START, filter: streamNameFilter({ prefixes: [to] }) }), 40),
    told(client.subscribeToAll({ fromPosition: START, filter: eventTypeFilter({ regex: `^${type}$` }) }), 20),
  ];
  for (let number = 0; number < 20; number++) await append(to, ANY, event(type));
  const [ofStream, ofLog, ofType] = await Promise.all(both);
  assert.deepEqual(ofLog, ofStream);
  assert.equal(new Set(ofStream).size, 40);
  assert.equal(ofType.length, 20);
}

async function metadata() {
  const to = stream("described");
  await append(to, NO_STREAM, [event(), event(), event()]);
  await client.setStreamMetadata(to, { maxCount: 2, mine: "x" });
  assert.equal((await client.getStreamMetadata(to)).metadata.maxCount, 2);
  assert.deepEqual((await all(client.readStream(to))).map(({ event }) => event.revision), [1n, 2n]);
}

async function deletes() {
  const to = stream("gone");
  await append(to, NO_STREAM, [event(), event()]);
  await client.deleteStream(to, { expectedRevision: 1n });
  await refused(all(client.readStream(to)), "stream-not-found");
  await append(to, NO_STREAM, event());
  assert.deepEqual((await all(client.readStream(to))).map(({ event }) => event.revision), [2n]);
  await client.tombstoneStream(to);
  await refused(all(client.readStream(to)), "stream-deleted");
  await refused(append(to, ANY, event()), "stream-deleted");
}

// An event of ours asks for what the REST API does: the rules decide.
async function settles() {
  const to = `payment-${payment}`;
  const [{ event: ordered }] = await all(client.readStream(to));
  const day = new Date(Date.now() - 86400000).toISOString().slice(0, 10);
  const evidence = { kind: "statement", reference: `of ${isNew ? "the new" : "the old"} client` };
  const data = { attempt: 1, settled_on: day, amount: ordered.data.amount, evidence };
  await refused(append(to, 0n, event("PaymentReissued", {})), "access-denied");
  await refused(append(to, 0n, event("PaymentSettled", { ...data, name: "Sáu" })), "access-denied");
  await refused(append(to, 7n, event("PaymentSettled", data)), "wrong-expected-version");
  const settled = event("PaymentSettled", data);
  assert.equal((await append(to, 0n, settled)).nextExpectedRevision, 1n);
  assert.equal((await append(to, 0n, settled)).nextExpectedRevision, 1n);
  const read = await all(client.readStream(to));
  assert.deepEqual([read[1].event.id, read[1].event.data], [settled.id, data]);
}

// Several streams at once, all or nothing.
async function together() {
  const [one, other] = [stream("one"), stream("other")];
  const parts = (expected) => [
    { streamName: one, expectedState: NO_STREAM, events: [event()] },
    { streamName: other, expectedState: expected, events: [event(), event()] },
  ];
  await refused(client.multiStreamAppend(parts(4n)), "wrong-expected-version");
  await refused(all(client.readStream(one)), "stream-not-found");
  const written = await client.multiStreamAppend(parts(NO_STREAM));
  assert.deepEqual(written.responses.map(({ streamName, revision }) => [streamName, revision]), [[one, 0n], [other, 1n]]);
  const records = [{ streamName: other, record: event() }, { streamName: one, record: event() }];
  await refused(client.appendRecords(records, [{ type: "streamState", streamName: one, expectedState: 4n }]), "append-consistency-violation");
  const added = await client.appendRecords(records, [{ type: "streamState", streamName: one, expectedState: 0n }]);
  assert.deepEqual(added.responses.map(({ streamName, revision }) => [streamName, revision]), [[other, 2n], [one, 1n]]);
}

// The next events of a subscription, each as it comes.
function eventsOf(subscription) {
  const iterator = subscription[Symbol.asyncIterator]();
  return async (count) => {
    const found = [];
    while (found.length < count) found.push((await iterator.next()).value);
    return found;
  };
}

// Looks until it is so, for a while.
async function until(look, expected) {
  for (let tries = 0; tries < 100 && (await look()) !== expected; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await look(), expected);
}

async function groups() {
  const [to, group] = [stream("shared"), "office"];
  await append(to, NO_STREAM, Array.from({ length: 4 }, () => event()));
  const settings = ofStream({ startFrom: START, minCheckpointCount: 1, maxCheckpointCount: 1 });
  await client.createPersistentSubscriptionToStream(to, group, settings);
  await refused(client.createPersistentSubscriptionToStream(to, group, settings), "persistent-subscription-exists");
  await refused(client.getPersistentSubscriptionToStreamInfo(to, "nobody"), "persistent-subscription-does-not-exist");
  const subscription = client.subscribeToPersistentSubscriptionToStream(to, group, { bufferSize: 10 });
  subscription.on("error", () => {});
  const next = eventsOf(subscription);
  const told = await next(4);
  assert.deepEqual(told.map(({ event, retryCount }) => [event.revision, retryCount]), [[0n, 0], [1n, 0], [2n, 0], [3n, 0]]);
  await subscription.ack(told[0], told[3]);
  await subscription.nack(RETRY, "again", told[1]);
  await subscription.nack(PARK, "odd", told[2]);
  const [again] = await next(1);
  assert.deepEqual([again.event.id, again.retryCount], [told[1].event.id, 1]);
  await subscription.ack(again);
  const about = () => client.getPersistentSubscriptionToStreamInfo(to, group);
  await until(async () => Number((await about()).stats.parkedMessageCount), 1);
  assert.equal((await about()).connections.length, 1);
  await client.replayParkedMessagesToStream(to, group);
  const [replayed] = await next(1);
  assert.equal(replayed.event.id, told[2].event.id);
  await subscription.ack(replayed);
  assert.deepEqual((await client.listPersistentSubscriptionsToStream(to)).map(({ groupName }) => groupName), [group]);
  assert.equal((await client.listAllPersistentSubscriptions()).length, 1);
  await client.deletePersistentSubscriptionToStream(to, group);
  await refused(client.deletePersistentSubscriptionToStream(to, group), "persistent-subscription-does-not-exist");
  await client.createPersistentSubscriptionToAll(group, ofLog({ startFrom: START }), { filter: streamNameFilter({ prefixes: [to] }) });
  const ofAll = client.subscribeToPersistentSubscriptionToAll(group);
  assert.deepEqual((await eventsOf(ofAll)(4)).map(({ event }) => event.id), told.map(({ event }) => event.id));
  await ofAll.unsubscribe();
  await client.deletePersistentSubscriptionToAll(group);
}

async function categories() {
  const category = `cat${randomUUID().replaceAll("-", "")}`;
  for (const number of [1, 2, 1]) await append(`${category}-${number}`, ANY, event());
  const read = await all(client.readStream(`$ce-${category}`, { resolveLinkTos: true }));
  assert.deepEqual(read.map(({ event, link }) => [event.streamId, event.revision, link.revision]), [[`${category}-1`, 0n, 0n], [`${category}-2`, 0n, 1n], [`${category}-1`, 1n, 2n]]);
  const back = await all(client.readStream(`$ce-${category}`, { direction: BACKWARDS, fromRevision: END, maxCount: 1 }));
  assert.deepEqual(back.map(({ event }) => [event.type, event.revision]), [["$>", 2n]]);
}

(async () => {
  // The older client has no word for several streams at once.
  for (const deed of [appends, ...(isNew ? [together] : []), settles, reads, follows, metadata, deletes, groups, categories]) {
    await deed();
    console.log(`   ${name}: ${deed.name}`);
  }
  await client.dispose();
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
