import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** The files in which Linux describes the machine it runs on. What cannot be read is remembered, so that it can be said. */
export class MachineFiles {
  /** Paths that only others may read. */
  readonly forbidden = new Set<string>();

  /** @param root '/' but in tests */
  constructor(private readonly root: string) {}

  /** Where a file of this machine lies. */
  place(path: string): string {
    return join(this.root, path);
  }

  async text(path: string): Promise<string> {
    return (await this.bytes(path))?.toString('utf8').replaceAll('\0', '').trim() ?? '';
  }

  async bytes(path: string): Promise<Buffer | null> {
    try {
      return await readFile(join(this.root, path));
    } catch (error) {
      this.#note(path, error);
      return null;
    }
  }

  async names(path: string): Promise<string[]> {
    try {
      return (await readdir(join(this.root, path))).sort();
    } catch (error) {
      this.#note(path, error);
      return [];
    }
  }

  /** The path behind links, '' where there is none. */
  async target(path: string): Promise<string> {
    return await realpath(join(this.root, path)).catch(() => '');
  }

  #note(path: string, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') this.forbidden.add(path);
  }
}
