import { Command } from 'commander';
import type { BrandingChange, BrandingView } from '@groundcrew/contracts';
import type { LogoType } from '@groundcrew/domain';
import { readFileSync } from 'node:fs';
import { RefusedError } from '../api/api.error.js';
import { keyOf, keyOption } from '../idempotency-key.js';
import type { Report } from '../output/report.js';
import type { Shell } from '../session.js';
import { UsageError } from '../usage.error.js';
import { jsonBody } from './json-body.js';

const pathOf = (tenant: string) => `/tenants/${encodeURIComponent(tenant)}/branding`;

interface Change {
  tenant: string;
  name?: string;
  logo?: string;
  clearLogo?: true;
  signInText?: string;
  clearSignInText?: true;
  ifMatch?: string;
  key?: string;
}

/** `groundcrew branding show` */
export function brandingShow(shell: Shell): Command {
  return new Command('show')
    .description('show what a tenant shows of itself while a device is set up')
    .requiredOption('--tenant <id>', 'the tenant')
    .action(async (options: { tenant: string }, command) => {
      const { client, report } = shell.open(command as Command);
      reportBranding(report, await client.get<BrandingView>(pathOf(options.tenant)));
    });
}

/** `groundcrew branding set`. What is not named stays; the first one has to name the tenant. */
export function brandingSet(shell: Shell): Command {
  return new Command('set')
    .description('change what a tenant shows of itself: what is named, and nothing else')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--name <name>', 'what the tenant is called')
    .option('--logo <file>', 'its logo: a PNG or JPEG')
    .option('--clear-logo', 'no logo any more')
    .option('--sign-in-text <text>', 'what stands beside the sign-in')
    .option('--clear-sign-in-text', 'nothing any more')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (options: Change, command) => {
      const { client, report } = shell.open(command as Command);
      const change = changeOf(options);
      if (Object.keys(change).length === 0)
        throw new UsageError('Say what is to change: --name, --logo or --sign-in-text.');
      const path = pathOf(options.tenant);
      const present = async () => {
        try {
          return (await client.get<BrandingView>(path)).etag;
        } catch (error) {
          if (error instanceof RefusedError && error.problem.code === 'branding.not-found') return '"0"';
          throw error;
        }
      };
      const branding = await client.command<BrandingView>('PATCH', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await present()),
        body: jsonBody(change),
      });
      reportBranding(report, branding);
    });
}

/** `groundcrew branding delete` */
export function brandingDelete(shell: Shell): Command {
  return new Command('delete')
    .description('remove the branding, unless a profile hides account options behind it')
    .requiredOption('--tenant <id>', 'the tenant')
    .option('--if-match <etag>', 'only if it still is this version; else the present one is read first')
    .addOption(keyOption())
    .action(async (options: { tenant: string; ifMatch?: string; key?: string }, command) => {
      const { client, report } = shell.open(command as Command);
      const path = pathOf(options.tenant);
      await client.command('DELETE', path, {
        key: keyOf(options.key),
        ifMatch: options.ifMatch ?? (await client.get<BrandingView>(path)).etag,
      });
      report.one({ tenantId: options.tenant, deleted: true }, [['Deleted', 'branding']]);
    });
}

function changeOf(options: Change): BrandingChange {
  return {
    ...(options.name !== undefined && { displayName: options.name }),
    ...(options.logo !== undefined && { logo: logoOf(options.logo) }),
    ...(options.clearLogo && { logo: null }),
    ...(options.signInText !== undefined && { signInText: options.signInText }),
    ...(options.clearSignInText && { signInText: null }),
  };
}

const pictures: Record<string, LogoType> = { png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg' };

function logoOf(file: string): { mediaType: LogoType; data: string } {
  const mediaType = pictures[file.split('.').at(-1)!.toLowerCase()];
  if (mediaType === undefined) throw new UsageError('A logo is a .png, .jpg or .jpeg.');
  return { mediaType, data: readFileSync(file).toString('base64') };
}

function reportBranding(report: Report, branding: BrandingView): void {
  report.one(branding, [
    ['Name', branding.displayName],
    ['Logo', branding.logo?.mediaType ?? 'none'],
    ['Sign-in text', branding.signInText],
    ['Version', branding.etag],
  ]);
}
