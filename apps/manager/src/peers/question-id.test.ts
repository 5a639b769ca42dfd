import fc from 'fast-check';
import { parseQuestionId, questionId, UNCOUNTED } from './question-id.js';

const id = '11111111-1111-4111-8111-111111111111';

test('order and attempt come back out of the id', () => {
  fc.assert(fc.property(fc.uuid(), fc.integer({ min: 1, max: 999_999_999 }), (orderId, incarnation) => {
    expect(parseQuestionId(questionId({ id: orderId, incarnation }))).toEqual({ orderId, attempt: incarnation });
  }));
});

test('an original gets and gives the bare id', () => {
  expect(questionId({ id, incarnation: UNCOUNTED })).toBe(id);
  expect(parseQuestionId(id)).toEqual({ orderId: id });
});

test.each(['', 'x', `${id}.`, `${id}.0`, `${id}.1x`, `${id}.-1`, `x${id}`])('%j is no order’s', (text) => expect(parseQuestionId(text)).toBeUndefined());
