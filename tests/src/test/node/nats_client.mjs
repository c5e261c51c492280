// The public NATS client for JavaScript at a node's door. Usage: node nats_client.mjs URL
// Prints one line per promise kept; ends with code 1 at the first that is not.
import assert from "node:assert/strict";
import { connect, ErrorCode, headers, StringCodec } from "nats";

const url = process.argv[2];
const text = StringCodec();
const maxPayload = 1024 * 1024;

async function take(subscription, count) {
  const messages = [];
  for await (const message of subscription) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return messages;
}

const promises = {
  async "publishes and subscribes"(client) {
    const subscription = client.subscribe("js.readings.*");
    for (let i = 0; i < 1000; i++) client.publish("js.readings.a", text.encode(String(i)));
    const messages = await take(subscription, 1000);
    assert.deepEqual(messages.map((m) => m.string()), [...Array(1000).keys()].map(String));
  },

  async "shares the work of a queue group"(client) {
    const counts = [0, 0];
    const members = counts.map((_, i) =>
      client.subscribe("js.jobs", { queue: "workers", callback: () => counts[i]++ }));
    for (let i = 0; i < 100; i++) client.publish("js.jobs");
    await client.flush();
    members.forEach((member) => member.unsubscribe());
    await client.flush();
    assert.deepEqual(counts, [50, 50]);
  },

  async "carries headers"(client) {
    const subscription = client.subscribe("js.sales");
    const sent = headers();
    sent.append("ce-type", "sold");
    sent.append("Trace", "one");
    sent.append("Trace", "two words");
    client.publish("js.sales", text.encode("17"), { headers: sent });
    const [message] = await take(subscription, 1);
    assert.deepEqual(message.headers.values("Trace"), ["one", "two words"]);
    assert.equal(message.headers.get("ce-type"), "sold");
    assert.equal(message.headers.get("ce-specversion"), "1.0");
    assert.equal(message.string(), "17");
  },

  async "asks and answers"(client) {
    client.subscribe("js.questions", {
      callback: (_, question) => question.respond(text.encode("answer to " + question.string())),
    });
    const answer = await client.request("js.questions", text.encode("one"), { timeout: 10_000 });
    assert.equal(answer.string(), "answer to one");
  },

  async "hears at once that nobody answers"(client) {
    await assert.rejects(
      client.request("js.nobody", undefined, { timeout: 10_000 }),
      (error) => error.code === ErrorCode.NoResponders);
  },

  async "unsubscribes after so many"(client) {
    const subscription = client.subscribe("js.numbers", { max: 3 });
    for (let i = 0; i < 10; i++) client.publish("js.numbers", text.encode(String(i)));
    const messages = [];
    for await (const message of subscription) messages.push(message.string());
    assert.deepEqual(messages, ["0", "1", "2"]);
  },

  async "carries the largest payload"(client) {
    assert.equal(client.info.max_payload, maxPayload);
    const subscription = client.subscribe("js.large");
    const data = new Uint8Array(maxPayload).map((_, i) => i * 31);
    client.publish("js.large", data);
    const [message] = await take(subscription, 1);
    assert.ok(Buffer.from(message.data).equals(Buffer.from(data)));
  },

  async "hears none of its own without echo"() {
    const client = await connect({ servers: url, noEcho: true });
    let heard = 0;
    client.subscribe("js.echo", { callback: () => heard++ });
    client.publish("js.echo");
    await client.flush();
    await client.flush();
    assert.equal(heard, 0);
    await client.close();
  },

  async "works with a door that is verbose and pedantic"() {
    const client = await connect({ servers: url, verbose: true, pedantic: true });
    const subscription = client.subscribe("js.verbose");
    client.publish("js.verbose", text.encode("yes"));
    assert.equal((await take(subscription, 1))[0].string(), "yes");
    await client.close();
  },

  async "drains without losing what was published before"(client) {
    const draining = await connect({ servers: url });
    let received = 0;
    draining.subscribe("js.drain", { callback: () => received++ });
    await draining.flush();
    for (let i = 0; i < 2000; i++) client.publish("js.drain");
    await client.flush();
    await draining.drain();
    assert.equal(received, 2000);
  },

  async "comes back after the door was closed"(client) {
    const subscription = client.subscribe("js.news");
    await client.flush();
    const reconnected = (async () => {
      for await (const status of client.status()) {
        if (status.type === "reconnect") return;
      }
    })();
    client.publish("js.restart");
    await reconnected;
    client.publish("js.news", text.encode("again"));
    assert.equal((await take(subscription, 1))[0].string(), "again");
  },
};

const client = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
for (const [promise, keep] of Object.entries(promises)) {
  await keep(client);
  console.log(promise);
}
await client.close();
