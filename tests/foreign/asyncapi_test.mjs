// Given the contracts, when they are printed as AsyncAPI, then the public parser takes them without
// a warning and reads out of them what the contracts say.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DiagnosticSeverity, Parser } from '@asyncapi/parser';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { sample, services, shop, tidings } from './tidings.mjs';

const parser = new Parser();
// The parser informs that there is 3.1 at every document of 3.0, which is what is promised to be
// written. That alone is let pass, as long as it is no warning; so each other word is a failure.
const isWordOfNewerVersion = (one) =>
  one.code === 'asyncapi-latest-version' && one.severity > DiagnosticSeverity.Warning;

const printed = (contracts, ...more) => tidings('contract', 'asyncapi', contracts, ...more);

async function parse(text) {
  const { document, diagnostics } = await parser.parse(text);
  const said = diagnostics
    .filter((one) => !isWordOfNewerVersion(one))
    .map((one) => `${DiagnosticSeverity[one.severity]}: ${one.code} at ${one.path.join('/')}: ${one.message}`);
  return { document, said };
}

for (const [name, contracts] of [['the shop', shop], ['the sample of all that a contract can say', sample]]) {
  describe(`AsyncAPI of ${name}`, () => {
    const platform = printed(contracts);
    it('is taken without a warning for the whole platform', async () => {
      const { document, said } = await parse(platform);
      assert.deepEqual(said, []);
      assert.equal(document.version(), '3.0.0');
    });
    for (const service of services(JSON.parse(platform))) {
      it(`is taken without a warning for ${service}`, async () => {
        const { document, said } = await parse(printed(contracts, '--service', service));
        assert.deepEqual(said, []);
        assert.ok(document.operations().all().length > 0);
      });
    }
  });
}

describe('AsyncAPI of the shop, as the parser reads it', () => {
  it('has who publishes and who consumes an event', async () => {
    const { document } = await parse(printed(shop));
    const about = (message, which) => document.operations()[which]()
      .filter((one) => one.messages().all().some((said) => said.id() === message))
      .map((one) => one.id()).sort();
    assert.deepEqual(about('payment.completed.v1', 'filterBySend'),
      ['payment-service.send.payment.completed.v1']);
    assert.deepEqual(about('shipping.created.v1', 'filterByReceive'), [
      'customers.receive.shipping.created.v1',
      'inventory-service.receive.shipping.created.v1',
      'order-service.receive.shipping.created.v1',
    ]);
  });

  it('has the whole envelope as payload, with the data of the contract within', async () => {
    const { document } = await parse(printed(shop));
    const message = document.messages().all().find((one) => one.id() === 'payment.completed.v1');
    const properties = Object.keys(message.payload().properties());
    assert.deepEqual(properties, ['id', 'type', 'source', 'dataVersion', 'timestamp', 'correlationId', 'data']);
    assert.ok(message.payload().property('data').property('orderId'));
  });
});

describe('The parser that judges', () => {
  it('complains of a document with a reference to nothing', async () => {
    const broken = printed(shop).replace('#/components/messages/payment.completed.v1', '#/components/messages/no');
    assert.notDeepEqual((await parse(broken)).said, []);
  });

  it('complains of an operation that neither sends nor receives', async () => {
    const broken = printed(shop).replace('"action":"send"', '"action":"publish"');
    assert.notDeepEqual((await parse(broken)).said, []);
  });
});

// The parser does not hold a message's examples against its payload, so Ajv does, by draft 7.
describe('Examples in AsyncAPI', () => {
  for (const [name, contracts] of [['the shop', shop], ['the sample', sample]]) {
    const document = JSON.parse(printed(contracts));
    const ajv = addFormats(new Ajv({ allErrors: true, strict: false }));
    ajv.addSchema(document, 'document');
    for (const [id, message] of Object.entries(document.components.messages)) {
      it(`of ${name}: those of ${id} keep its schema`, () => {
        const pointer = `document#/components/messages/${id}/payload`;
        for (const example of message.examples) {
          assert.ok(ajv.validate({ $ref: pointer }, example.payload), ajv.errorsText());
          const wrong = { ...example.payload, data: 'no object' };
          assert.ok(!ajv.validate({ $ref: pointer }, wrong));
        }
      });
    }
  }
});
