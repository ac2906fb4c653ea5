// Given events of Tidings, when they are written as CloudEvents, then the official SDK reads them;
// given CloudEvents of the SDK, when they are read, then they are events of Tidings.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloudEvent, HTTP } from 'cloudevents';
import { shop, tidings, tidingsWithInput } from './tidings.mjs';

const document = JSON.parse(tidings('contract', 'asyncapi', shop));
const envelopes = Object.values(document.components.messages)
  .flatMap((message) => message.examples.map((example) => example.payload));

const write = (lines, ...more) => tidingsWithInput(lines.map((one) => JSON.stringify(one)).join('\n'),
  'cloudevents', 'write', ...more).trim().split('\n');
const read = (lines, ...more) => tidingsWithInput(lines.join('\n'), 'cloudevents', 'read', ...more)
  .trim().split('\n').map((line) => JSON.parse(line));
const bySdk = (text) =>
  HTTP.toEvent({ headers: { 'content-type': 'application/cloudevents+json' }, body: text });

describe('CloudEvents written by Tidings', () => {
  it('are valid for the SDK, each event of the shop', () => {
    const written = write(envelopes, '--schemas', 'https://contracts.example/');
    assert.equal(written.length, envelopes.length);
    written.forEach((text, i) => {
      const event = bySdk(text);
      assert.ok(event.validate());
      assert.equal(event.type, envelopes[i].type);
      assert.equal(event.source, '/' + envelopes[i].source);
      assert.equal(event.id, envelopes[i].id);
      assert.equal(event.time, envelopes[i].timestamp);
      assert.equal(event.correlationid, envelopes[i].correlationId);
      assert.equal(event.dataversion, envelopes[i].dataVersion);
      assert.ok(event.dataschema.startsWith('https://contracts.example/'));
      assert.deepEqual(event.data, envelopes[i].data);
    });
  });

  it('have what travels beside an event, when they come from the log', () => {
    const line = {
      topic: 'order', offset: 1, key: 'o-1', causationId: 'c-1',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', envelope: envelopes[0],
    };
    const event = bySdk(write([line])[0]);
    assert.ok(event.validate());
    assert.equal(event.subject, 'o-1');
    assert.equal(event.partitionkey, 'o-1');
    assert.equal(event.causationid, 'c-1');
    assert.equal(event.traceparent, line.traceparent);
  });
});

describe('CloudEvents written by the SDK', () => {
  const given = {
    id: '8fbd0e0c-6a5c-4a7e-9d1b-3f4f5a6b7c8d', source: '/order-service', type: 'order.completed',
    time: '2026-11-23T10:00:00.123Z', dataversion: '1.2.0', correlationid: 'flow-9',
    subject: 'o-1', data: { orderId: 'o-1' },
  };

  it('are events of Tidings', () => {
    const message = HTTP.structured(new CloudEvent(given));
    assert.deepEqual(read([message.body]), [{
      id: given.id, type: given.type, source: 'order-service', dataVersion: '1.2.0',
      timestamp: given.time, correlationId: 'flow-9', data: given.data,
    }]);
  });

  it('of others are taken under a name and a version', () => {
    const { dataversion, correlationid, ...foreign } = given;
    const event = new CloudEvent({ ...foreign, source: 'https://partner.example/orders' });
    const [envelope] = read([JSON.stringify(event)], '--source', 'partner-service',
      '--data-version', '1.0.0');
    assert.equal(envelope.source, 'partner-service');
    assert.equal(envelope.dataVersion, '1.0.0');
    assert.equal(envelope.correlationId, given.id);
  });
});

describe('Events', () => {
  it('come back as they were', () => assert.deepEqual(read(write(envelopes)), envelopes));
});

describe('The SDK that judges', () => {
  it('refuses an event without a source', () => {
    const { source, ...broken } = JSON.parse(write([envelopes[0]])[0]);
    assert.throws(() => bySdk(JSON.stringify(broken)).validate());
  });
});
