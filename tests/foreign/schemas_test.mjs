// Given random schemas of everything that Tidings supports, and data that keeps or breaks them, when
// Ajv reads the same schemas as JSON Schema 2020-12, then it takes and refuses the same data.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const seed = process.env.SEED ?? '2020';
const [program, schemas, changes] = [process.env.SCHEMA_AGREEMENT, '460', '30'];
const money = /^-?[0-9]{1,15}\.[0-9]{2}$/;

// What generated C++ and the runtime's check do not agree on ends the program with an error.
const printed = (...given) => execFileSync(program, given, { encoding: 'utf8', maxBuffer: 1 << 30 })
  .trim().split('\n').map((line) => JSON.parse(line));

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictTuples: false, strictRequired: false });
addFormats(ajv);
ajv.addFormat('money', money);

describe('What the documentation names as different', () => {
  for (const { schema, cases } of printed('different')) {
    const validate = ajv.compile(schema);
    for (const { data, valid } of cases) {
      it(`is: ${data}`, () => assert.equal(validate(JSON.parse(data)), !valid));
    }
  }
});

describe(`Ajv and Tidings, seed ${seed}`, () => {
  const lines = printed(seed, schemas, changes);
  const said = { right: 0, wrong: 0 };

  it('say the same of every value', () => {
    for (const { event, schema, cases } of lines) {
      const validate = ajv.compile(schema);
      for (const { data, valid, error } of cases) {
        const taken = validate(JSON.parse(data));
        said[valid ? 'right' : 'wrong'] += 1;
        assert.equal(taken, valid, `${event}: ${JSON.stringify(schema)}\n${data}\n` +
          `Tidings: ${error || 'right'}\nAjv: ${ajv.errorsText(validate.errors)}`);
      }
    }
  });

  it('had enough to say', (test) => {
    test.diagnostic(`${lines.length} schemas, ${said.right} values taken, ${said.wrong} refused`);
    assert.ok(lines.length >= 500 && said.right >= 3000 && said.wrong >= 30000);
  });
});
