// The schema of order.created 1.0.0, as a program was given it on the day when it was written.
const money = { type: 'string', pattern: '^[0-9]+\\.[0-9]{2}$' };

export default {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['orderId', 'userId', 'items', 'payments', 'total'],
  properties: {
    orderId: { type: 'string', format: 'uuid' },
    userId: { type: 'string', minLength: 1, maxLength: 64 },
    reference: { type: 'string', minLength: 1, maxLength: 64 },
    items: { type: 'array', minItems: 1, maxItems: 1000, items: { $ref: '#/$defs/Item' } },
    payments: { type: 'array', maxItems: 1000, items: { $ref: '#/$defs/Payment' } },
    total: money,
  },
  $defs: {
    Item: {
      type: 'object',
      required: ['productId', 'quantity', 'unitPrice', 'freight'],
      properties: {
        productId: { type: 'string', minLength: 1, maxLength: 64 },
        quantity: { type: 'integer', minimum: 1, maximum: 1000000 },
        unitPrice: money,
        freight: money,
      },
    },
    Payment: {
      type: 'object',
      required: ['type', 'installments', 'amount'],
      properties: {
        type: { type: 'string', minLength: 1, maxLength: 64 },
        installments: { type: 'integer', minimum: 0, maximum: 1000 },
        amount: money,
      },
    },
  },
};
