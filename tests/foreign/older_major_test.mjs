// Given a shop whose order.created is of version 2, when a program in another language reads the log
// that knows version 1 alone, by the schema that it was given then, it finds each order once, and
// can read it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import version1 from './order_created_v1.mjs';
import { tidings } from './tidings.mjs';

const orders = 20;
const ajv = addFormats(new Ajv({ allErrors: true, strict: false }));
const isOfVersion1 = ajv.compile(version1);

describe('A consumer of order.created that knows version 1', () => {
  const directory = mkdtempSync(join(tmpdir(), 'older-major-'));
  const data = join(directory, 'data');
  let events;
  before(() => {
    execFileSync(process.env.SHOP, ['demo', '--data', data, '--count', String(orders)]);
    events = tidings('log', '--data', data, '--type', 'order.created', '--json')
      .trim().split('\n').map((line) => JSON.parse(line));
  });
  after(() => rmSync(directory, { recursive: true }));
  const ofMajor = (major) =>
    events.filter((event) => event.envelope.dataVersion.startsWith(`${major}.`));

  it('reads each order once', () => {
    const ids = ofMajor(1).map((event) => event.envelope.data.orderId);
    assert.ok(ids.length > orders / 2);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(ids, ofMajor(2).map((event) => event.envelope.data.orderId));
  });

  it('finds in each what its schema says', () => {
    for (const { envelope } of ofMajor(1)) {
      assert.ok(isOfVersion1(envelope.data), ajv.errorsText(isOfVersion1.errors));
    }
  });

  it('could not read version 2', () => {
    for (const { envelope } of ofMajor(2)) assert.ok(!isOfVersion1(envelope.data));
  });

  it('finds the same flow, cause and key as whoever reads version 2, under an id of its own', () => {
    const older = ofMajor(1);
    for (const [i, newer] of ofMajor(2).entries()) {
      assert.equal(older[i].envelope.correlationId, newer.envelope.correlationId);
      assert.equal(older[i].causationId, newer.causationId);
      assert.equal(older[i].key, newer.key);
      assert.equal(older[i].sequence, newer.sequence + 1);
      assert.notEqual(older[i].envelope.id, newer.envelope.id);
    }
  });

  it('has taken nothing from the payment service, which took each order once', () => {
    const paid = tidings('log', '--data', data, '--type', 'payment.completed', '--json')
      .trim().split('\n').map((line) => JSON.parse(line).envelope.data.orderId);
    assert.ok(paid.length > 0);
    assert.equal(new Set(paid).size, paid.length);
    tidings('account', '--data', data);
  });
});
