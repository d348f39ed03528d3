// Joins what the command loads (cli, dsl, runtime) into a few files in dist/bundle, which bin/tsprobe starts:
// a hundred small modules cost Node 40 ms more to load. The stack, the lab and the flags of the hooks stay
// the separate modules that they are: a copy of a function is compiled in its own module's scope, and there
// must be one of each.
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const separate = /\/(stack|lab|instrument)\//;

/** @param {string} dist folder of the built modules */
export async function bundle(dist) {
  const build = await rolldown({
    input: join(dist, 'cli/main.js'),
    platform: 'node',
    external: (id) => separate.test(id) && !id.endsWith('/instrument/format.js'),
    // Until the modules are there, a build of part of the tree is no failure.
    onLog: (level, log, report) => (log.code === 'UNRESOLVED_IMPORT' ? undefined : report(level, log)),
  });
  await build.write({ dir: join(dist, 'bundle'), format: 'esm', chunkFileNames: '[name].js' });
  await build.close();
}
