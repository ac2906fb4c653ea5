// The command line of Tidings, for the tests of this folder.
import { execFileSync } from 'node:child_process';

export const shop = process.env.SHOP_CONTRACTS;
export const sample = process.env.SAMPLE_CONTRACTS;

/** Runs `tidings` with these arguments and returns what it printed; throws if it failed. */
export function tidings(...given) {
  return execFileSync(process.env.TIDINGS, given, { encoding: 'utf8', maxBuffer: 64 << 20 });
}

/** The same with a text on its standard input. */
export function tidingsWithInput(input, ...given) {
  return execFileSync(process.env.TIDINGS, given, { encoding: 'utf8', maxBuffer: 64 << 20, input });
}

/** The services that an AsyncAPI document has operations of, by name. */
export function services(document) {
  return [...new Set(Object.keys(document.operations).map((name) => name.split('.')[0]))].sort();
}
