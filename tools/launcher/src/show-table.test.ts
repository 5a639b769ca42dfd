import { quote, table } from './show-table.js';

it('aligns columns without trailing blanks', () => {
  expect(table([['a', 'long'], ['wider', 'x']])).toBe('a      long\nwider  x');
});

it.each([['/plain/path', '/plain/path'], ['/with space', "'/with space'"], ["it's", "'it'\\''s'"]])('quotes %s for a shell', (text, quoted) => {
  expect(quote(text)).toBe(quoted);
});
