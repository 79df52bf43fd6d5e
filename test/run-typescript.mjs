import { registerHooks } from 'node:module';

/**
 * `node --import ./test/run-typescript.mjs some.ts`: Node takes the types off by itself, but looks for the `.js` that an import names.
 * What is ours beside the test lies there as `.ts` alone.
 */
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/^\.{1,2}\/.*\.js$/.test(specifier)) throw error;
      return next(specifier.replace(/\.js$/, '.ts'), context);
    }
  },
});
