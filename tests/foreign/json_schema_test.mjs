// Given the contracts, when JSON Schema files are made of them, then Ajv, by draft 2020-12 and
// strict, takes the schemas and finds the contracts' examples valid.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { sample, shop, tidings } from './tidings.mjs';

const places = [];
const newPlace = () => places[places.push(mkdtempSync(join(process.cwd(), 'schemas-'))) - 1];
after(() => places.forEach((place) => rmSync(place, { recursive: true })));

for (const [name, contracts] of [['the shop', shop], ['the sample', sample]]) {
  const place = newPlace();
  tidings('contract', 'json-schema', contracts, '-o', place);
  const messages = JSON.parse(tidings('contract', 'asyncapi', contracts)).components.messages;
  const load = (id, ending) => {
    const [domain, event, major] = id.split('.');
    return JSON.parse(readFileSync(join(place, domain, `${event}.${major}${ending}.schema.json`)));
  };
  describe(`JSON Schema files of ${name}`, () => {
    const ajv = addFormats(new Ajv2020({ allErrors: true, strict: true, strictRequired: false,
      allowUnionTypes: true, strictTypes: false, strictTuples: false }));
    for (const [id, message] of Object.entries(messages)) {
      it(`describe ${id}`, () => {
        const event = ajv.compile(load(id, ''));
        const data = ajv.compile(load(id, '.data'));
        for (const { payload } of message.examples) {
          assert.ok(event(payload), ajv.errorsText(event.errors));
          assert.ok(data(payload.data), ajv.errorsText(data.errors));
        }
        const [{ payload }] = message.examples;
        const { correlationId, ...without } = payload;
        assert.ok(!event(without), 'a field of the envelope is missing');
        const required = load(id, '.data').required[0];
        const { [required]: gone, ...less } = payload.data;
        assert.ok(!data(less), `${required} is missing`);
        assert.ok(!event({ ...payload, data: less }));
      });
    }
  });
}

describe('An amount of money in a schema file', () => {
  it('is a text with two decimal places', () => {
    const place = newPlace();
    tidings('contract', 'json-schema', shop, '-o', place);
    const schema = JSON.parse(readFileSync(join(place, 'order/payment_revoked.v1.data.schema.json')));
    assert.ok(!JSON.stringify(schema).includes('"money"'));
    const created = readFileSync(join(place, 'order/pending_validation.v1.data.schema.json'), 'utf8');
    assert.ok(!created.includes('"money"'));
    assert.ok(created.includes(String.raw`"pattern":"^[0-9]+\\.[0-9]{2}$"`));
  });
});
