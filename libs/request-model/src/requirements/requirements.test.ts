import fc from 'fast-check';
import type { Flavor } from '../flavor.js';
import type { Comparator, Expression } from './expression.js';
import { chooseFlavor, evaluateRequirements, memberMaySatisfy } from './evaluate-requirements.js';
import { parseRequirements } from './parse-requirements.js';

const parsed = (text: string): Expression => {
  const result = parseRequirements(text);
  if (!('expression' in result) || !result.expression) throw new Error(JSON.stringify(result));
  return result.expression;
};
const flavor = (name: string, vcpu: number, ramMb: number, diskGb = 10): Flavor => ({ name, vcpu, ramMb, diskGb });

describe('parsing', () => {
  test.each([
    ['Glue2vCPU >', 12], ['Glue2vCPU >= 1 &&', 18], ['(Glue2vCPU >= 1', 16], ['Glue2vCPU # 1', 11], ['1 == 2', 6], ['Glue2vCPU >= 1 Glue2RAM', 16], ['&& 1', 1], ['x == "open', 6],
  ])('%s has a fault at character %i', (text, position) => expect(parseRequirements(text)).toMatchObject({ fault: { position } }));

  test('nothing is no expression', () => expect(parseRequirements('  ')).toEqual({}));
  test('deep brackets are refused, not a crash', () => expect(parseRequirements(`${'('.repeat(5000)}`)).toMatchObject({ fault: {} }));
  test('never throws', () => fc.assert(fc.property(fc.string(), (text) => void parseRequirements(text))));
});

describe('evaluation', () => {
  const comparators: Comparator[] = ['==', '!=', '<', '<=', '>', '>='];
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4 },
      fc.tuple(fc.constantFrom('Glue2vCPU', 'Glue2RAM', 'Glue2Disk'), fc.constantFrom(...comparators), fc.integer({ min: 0, max: 6 })).map(([name, comparator, value]) => `${name} ${comparator} ${value}`),
      fc.tuple(fc.constantFrom('==', '!='), fc.constantFrom('a', 'b')).map(([comparator, member]) => `Glue2CloudComputeManagerID${comparator}"${member}"`),
      fc.tuple(tie('tree'), fc.constantFrom('&&', '||'), tie('tree')).map(([left, operator, right]) => `(${left} ${operator} ${right})`)),
  }));
  const sizes = fc.record({ vcpu: fc.integer({ min: 0, max: 6 }), ramMb: fc.integer({ min: 0, max: 6 }), diskGb: fc.integer({ min: 0, max: 6 }) });

  test('says what JavaScript says of the same expression', () => {
    fc.assert(fc.property(tree, sizes, fc.constantFrom('a', 'b'), (text, size, member) => {
      const brute = new Function('Glue2vCPU', 'Glue2RAM', 'Glue2Disk', 'Glue2CloudComputeManagerID', `return ${text}`) as (...facts: unknown[]) => boolean;
      expect(evaluateRequirements(parsed(text), { member, flavor: { name: 'f', ...size } })).toBe(brute(size.vcpu, size.ramMb, size.diskGb, member));
    }), { numRuns: 500 });
  });

  test('a member is excluded only when no flavor at all could help', () => {
    fc.assert(fc.property(tree, sizes, fc.constantFrom('a', 'b'), (text, size, member) => {
      const expression = parsed(text);
      if (evaluateRequirements(expression, { member, flavor: { name: 'f', ...size } })) expect(memberMaySatisfy(expression, member)).toBe(true);
    }), { numRuns: 500 });
  });

  test('a lone != on the member counts', () => {
    const expression = parsed('Glue2CloudComputeManagerID != "a"');
    expect([memberMaySatisfy(expression, 'a'), memberMaySatisfy(expression, 'b')]).toEqual([false, true]);
  });
});

describe('choosing a flavor', () => {
  const flavors = [flavor('large', 4, 8192), flavor('small', 1, 512), flavor('medium', 2, 2048)];
  test('takes the smallest that fits', () => {
    expect(chooseFlavor(flavors, 'a')?.name).toBe('small');
    expect(chooseFlavor(flavors, 'a', parsed('Glue2RAM >= 1000'))?.name).toBe('medium');
    expect(chooseFlavor(flavors, 'a', parsed('Glue2vCPU > 8'))).toBeUndefined();
    expect(chooseFlavor(flavors, 'a', parsed('Glue2RAM >= 1000'), 'small')).toBeUndefined();
  });
  test('a dimension that a flavor does not state excludes nothing', () => {
    expect(chooseFlavor([flavor('odd', 1, 512, -1)], 'a', parsed('Glue2Disk >= 100'))?.name).toBe('odd');
  });
});
