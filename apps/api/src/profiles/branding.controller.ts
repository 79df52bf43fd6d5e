import { Controller, Inject } from '@nestjs/common';
import { brandingChange, brandingView } from '@groundcrew/contracts';
import { brandingLimits, isPictureOf, mayRemoveBranding, type Branding } from '@groundcrew/domain';
import {
  countHidingProfiles,
  deleteBranding,
  findBranding,
  keepBranding,
  lockProfilesOf,
} from '@groundcrew/persistence';
import { Commands } from '../idempotency/commands.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { versionExpected } from '../routes/versions.js';
import { toBrandingView } from './profile.view.js';

const path = '/v1/tenants/{tenantId}/branding';

const read = operation({
  id: 'readBranding',
  method: 'GET',
  path,
  tag: 'Profiles',
  summary: 'Reads what the tenant shows of itself when a device is set up.',
  permission: 'profile.read',
  answers: { 200: brandingView },
});

const change = operation({
  id: 'changeBranding',
  method: 'PATCH',
  path,
  tag: 'Profiles',
  summary: 'Changes the branding: what is named, and nothing else. For the first one If-Match is "0".',
  permission: 'profile.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': brandingChange },
  answers: { 200: brandingView },
});

const remove = operation({
  id: 'deleteBranding',
  method: 'DELETE',
  path,
  tag: 'Profiles',
  summary: 'Removes the branding, unless a profile hides account options behind it.',
  permission: 'profile.write',
  headers: ['Idempotency-Key', 'If-Match'],
  answers: { 204: 'nothing' },
});

@Controller()
export class BrandingController {
  readonly #databases: Databases;
  readonly #commands: Commands;

  constructor(@Inject(databasesToken) databases: Databases, commands: Commands) {
    this.#databases = databases;
    this.#commands = commands;
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const branding = await this.#databases.readAs(call.caller, (unit) => findBranding(unit, call.params.tenantId!));
    if (branding === null) throw new ProblemError('branding.not-found');
    const view = toBrandingView(branding);
    return { status: 200, body: view, headers: { etag: view.etag } };
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const version = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, brandingChange, async (unit, body) => {
      await lockProfilesOf(unit, tenantId);
      const before = await findBranding(unit, tenantId);
      if ((before?.version ?? 0) !== version) throw new ProblemError('precondition.failed');
      const displayName = body.displayName ?? before?.displayName;
      if (displayName === undefined) throw new ProblemError('branding.needs-name');
      const branding: Branding = {
        displayName,
        logo: body.logo === undefined ? (before?.logo ?? null) : body.logo,
        signInText: body.signInText === undefined ? (before?.signInText ?? null) : body.signInText,
      };
      refuseWrongLogo(branding);
      const view = toBrandingView(await keepBranding(unit, tenantId, branding));
      return {
        answer: { status: 200, body: view, headers: { etag: view.etag } },
        audit: {
          tenantId,
          action: 'branding.changed',
          object: `tenant/${tenantId}/branding`,
          data: { displayName, signInText: branding.signInText, logo: branding.logo?.mediaType ?? null },
        },
      };
    });
  }

  @Operation(remove)
  remove(call: CallOf<typeof remove>): Promise<Answer> {
    const version = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, null, async (unit) => {
      await lockProfilesOf(unit, tenantId);
      const branding = await findBranding(unit, tenantId);
      if (branding === null) throw new ProblemError('branding.not-found');
      if (branding.version !== version) throw new ProblemError('precondition.failed');
      if (!mayRemoveBranding(await countHidingProfiles(unit, tenantId))) throw new ProblemError('branding.in-use');
      await deleteBranding(unit, tenantId);
      return {
        answer: { status: 204, body: null, headers: {} },
        audit: { tenantId, action: 'branding.removed', object: `tenant/${tenantId}/branding`, data: {} },
      };
    });
  }
}

function refuseWrongLogo({ logo }: Branding): void {
  if (logo === null) return;
  const bytes = Buffer.from(logo.data, 'base64');
  if (bytes.length > brandingLimits.logoBytes || !isPictureOf(logo.mediaType, bytes)) {
    throw new ProblemError('branding.logo', {
      detail: `A ${logo.mediaType} of at most ${brandingLimits.logoBytes} bytes is expected.`,
    });
  }
}
