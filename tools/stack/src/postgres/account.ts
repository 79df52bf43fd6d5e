import { spawnSync } from 'node:child_process';

export interface Account {
  uid: number;
  gid: number;
}

/**
 * PostgreSQL refuses to run as root. For root this finds the system user that runs it instead, and creates the user where
 * the machine has none; a plain user runs PostgreSQL as itself (undefined).
 */
export function postgresAccount(name = 'postgres'): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = lookUp(name);
  if (existing !== undefined) return existing;

  const created = spawnSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', name],
    {
      encoding: 'utf8',
    },
  );
  const account = lookUp(name);
  if (account !== undefined) return account;
  throw new Error(
    `PostgreSQL does not run as root, and the system user "${name}" could not be created ` +
      `(${(created.stderr ?? created.error?.message ?? '').trim()}). Create it, run as a plain user, or set DATABASE_URL.`,
  );
}

function lookUp(name: string): Account | undefined {
  const id = (flag: string): string => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout?.trim() ?? '';
  const [uid, gid] = [id('-u'), id('-g')];
  return uid === '' || gid === '' ? undefined : { uid: Number(uid), gid: Number(gid) };
}
