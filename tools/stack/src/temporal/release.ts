import { spawnSync } from 'node:child_process';

/** The release that `deploy/temporal/go.mod` pins, too. */
export const cliVersion = '1.8.2';
/** Servers of one minor version read each other's files and speak to our SDK as tried. */
const fittingServer = '1.31';

export interface ServerBinary {
  path: string;
  serverVersion: string;
}

/** What `temporal --version` says of its server, or why it does not fit. */
export function examine(path: string): { fits: true; binary: ServerBinary } | { fits: false; because: string } {
  const result = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  if (result.status !== 0) {
    return {
      fits: false,
      because: `it does not run (${(result.error?.message ?? result.stderr).trim() || `exit code ${result.status}`})`,
    };
  }
  const serverVersion = /Server (\d+\.\d+\.\d+)/.exec(result.stdout)?.[1];
  if (serverVersion === undefined) return { fits: false, because: 'it does not name its server version' };
  if (!serverVersion.startsWith(`${fittingServer}.`)) {
    return { fits: false, because: `its server is ${serverVersion}, and ${fittingServer}.x is needed` };
  }
  return { fits: true, binary: { path, serverVersion } };
}

export function releaseArchiveName(platform: string = process.platform, arch: string = process.arch): string {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[arch] ?? arch;
  return `temporal_cli_${cliVersion}_${platform}_${architecture}.tar.gz`;
}

export const releaseUrl = `https://github.com/temporalio/cli/releases/download/v${cliVersion}`;
