import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { childEnvironment, nodeBinary, workspaceRoot } from './workspace.js';

/** `npm run openapi`: writes the committed OpenAPI file anew from the contracts. */
const result = spawnSync(nodeBinary, [join(workspaceRoot, 'apps/api/dist/openapi.js'), '--write'], {
  cwd: workspaceRoot,
  env: childEnvironment(),
  stdio: 'inherit',
});
process.exit(result.status ?? 1);
