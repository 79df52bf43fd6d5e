import { openApiDocument, operationsOf } from './document.js';

let made: Record<string, unknown> | null = null;

/** The document of the running application, made the first time somebody asks. */
export async function currentDocument(): Promise<Record<string, unknown>> {
  // The list of controllers holds the controller that serves this, so it cannot be imported at the top.
  const { controllers } = await import('../api.module.js');
  made ??= openApiDocument(operationsOf(controllers));
  return made;
}
