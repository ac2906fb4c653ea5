// Given the contracts, when TypeScript types are made of them, then the compiler, strict, takes the
// types, takes the contracts' examples as values of them, and refuses what a contract refuses.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sample, shop, tidings } from './tidings.mjs';

const places = [];
const newPlace = () => places[places.push(mkdtempSync(join(process.cwd(), 'types-'))) - 1];
after(() => places.forEach((place) => rmSync(place, { recursive: true })));

const compiler = join(process.cwd(), 'node_modules/typescript/bin/tsc');

function compile(place, file) {
  const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2022', types: [] };
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: [file] }));
  const ran = spawnSync(process.execPath, [compiler, '-p', place], { encoding: 'utf8' });
  return ran.stdout + ran.stderr;
}

/** `OrderCreatedV1` for `order.created.v1`. */
const typeName = (id) => id.split(/[._]/).map((word) => word[0].toUpperCase() + word.slice(1)).join('');

// An example of the sample has a field that its contract does not name: readers let it pass, but
// who writes a value of the type may not.
const unnamed = new Set(['scheme']);
const literal = (payload) =>
  JSON.stringify(payload, (key, value) => (unnamed.has(key) ? undefined : value));

for (const [name, contracts] of [['the shop', shop], ['the sample', sample]]) {
  const place = newPlace();
  tidings('contract', 'typescript', contracts, '-o', place);
  const messages = JSON.parse(tidings('contract', 'asyncapi', contracts)).components.messages;
  const examples = Object.entries(messages)
    .flatMap(([id, { examples }]) => examples.map(({ payload }) => [typeName(id), payload]));

  describe(`TypeScript of ${name}`, () => {
    it('has a type for each event, whose examples are values of it', () => {
      const types = [...new Set(examples.map(([type]) => type))].join(', ');
      writeFileSync(join(place, 'examples.ts'),
        `import type { AnyEvent, ${types} } from './index.js';\n` +
        examples.map(([type, payload], i) =>
          `export const e${i}: ${type} = ${literal(payload)};\n`).join('') +
        `export const all: AnyEvent[] = [${examples.map((_, i) => `e${i}`).join(', ')}];\n`);
      assert.equal(compile(place, 'examples.ts'), '');
    });
  });
}

describe('TypeScript of types of other domains', () => {
  it('names them by their domain', () => {
    const place = newPlace();
    tidings('contract', 'typescript', sample, '-o', place);
    const module = readFileSync(join(place, 'parcel/paid.v1.ts'), 'utf8');
    assert.match(module, /payer\?: CommonParty;/);
    assert.match(module, /export interface CommonParty \{\n {2}name: string;\n {2}role: CommonRole;/);
  });
});

describe('TypeScript of the shop', () => {
  const place = newPlace();
  tidings('contract', 'typescript', shop, '-o', place);

  it('tells events apart by their type', () => {
    writeFileSync(join(place, 'handle.ts'), `import type { AnyEvent } from './index.js';
export function amount(event: AnyEvent): string {
  switch (event.type) {
    case 'payment.failed': return event.data.reason;
    case 'user.created': return event.data.userId;
    default: return event.id;
  }
}\n`);
    assert.equal(compile(place, 'handle.ts'), '');
  });

  it('refuses data without a required field, of another type, and of another version', () => {
    const head = "import type { OrderCompletedV1 } from './index.js';\n" +
      "const rest = { id: 'a', type: 'order.completed', source: 's', timestamp: 't', correlationId: 'c' } as const;\n";
    for (const [wrong, error] of [
      ["{ ...rest, dataVersion: '1.0.0', data: {} }", /TS2741.*'orderId' is missing/],
      ["{ ...rest, dataVersion: '1.0.0', data: { orderId: 7 } }", /TS2322/],
      ["{ ...rest, dataVersion: '2.0.0', data: { orderId: 'o' } }", /TS2322/],
    ]) {
      writeFileSync(join(place, 'wrong.ts'), `${head}export const e: OrderCompletedV1 = ${wrong};\n`);
      assert.match(compile(place, 'wrong.ts'), error);
    }
  });
});
