import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import {
  newProfile,
  offlineFileQuery,
  pageQuery,
  profileChange,
  profilePage,
  profileRecord,
  profileVersionPage,
  profileView,
} from '@groundcrew/contracts';
import {
  defaultSettings,
  hasTargets,
  mergeSettings,
  offlineFile,
  offlineFileName,
  profileIssues,
  type ProfileDraft,
  type ProfileSettings,
} from '@groundcrew/domain';
import {
  addProfile,
  changeProfile,
  deleteProfile,
  findBranding,
  findProfile,
  findTargets,
  listProfiles,
  listProfileVersions,
  lockProfile,
  lockProfilesOf,
  requestAssignment,
  type Unit,
} from '@groundcrew/persistence';
import { z } from 'zod';
import type { Configuration } from '../configuration.js';
import { Commands } from '../idempotency/commands.js';
import { configurationToken } from '../platform/configuration.token.js';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { keysetOf, numberKey, pageAnswer } from '../routes/paging.js';
import { etagOf, versionExpected } from '../routes/versions.js';
import { toBrandingView, toProfileView, toTargetsView, toVersionView } from './profile.view.js';

const create = operation({
  id: 'createProfile',
  method: 'POST',
  path: '/v1/tenants/{tenantId}/profiles',
  tag: 'Profiles',
  summary: 'Creates a deployment profile. What is left out has its default.',
  permission: 'profile.write',
  headers: ['Idempotency-Key'],
  body: { 'application/json': newProfile },
  answers: { 201: profileView },
});

const list = operation({
  id: 'listProfiles',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/profiles',
  tag: 'Profiles',
  summary: 'Lists the profiles, the oldest first: of several that reach a device the oldest wins.',
  permission: 'profile.read',
  query: z.strictObject(pageQuery),
  answers: { 200: profilePage },
});

const read = operation({
  id: 'readProfile',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/profiles/{profileId}',
  tag: 'Profiles',
  summary: 'Reads a profile, the branding that travels with it, and whom it is given to.',
  permission: 'profile.read',
  answers: { 200: profileRecord },
});

const change = operation({
  id: 'changeProfile',
  method: 'PATCH',
  path: '/v1/tenants/{tenantId}/profiles/{profileId}',
  tag: 'Profiles',
  summary: 'Changes a profile: what is named, and nothing else. Devices take it over at their next set-up.',
  permission: 'profile.write',
  headers: ['Idempotency-Key', 'If-Match'],
  body: { 'application/json': profileChange },
  answers: { 200: profileView },
});

const remove = operation({
  id: 'deleteProfile',
  method: 'DELETE',
  path: '/v1/tenants/{tenantId}/profiles/{profileId}',
  tag: 'Profiles',
  summary: 'Deletes a profile that is given to nobody. Its versions stay readable.',
  permission: 'profile.write',
  headers: ['Idempotency-Key', 'If-Match'],
  answers: { 204: 'nothing' },
});

const versions = operation({
  id: 'listProfileVersions',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/profiles/{profileId}/versions',
  tag: 'Profiles',
  summary: 'Lists every version that a profile ever had, and who made it.',
  permission: 'profile.read',
  query: z.strictObject(pageQuery),
  answers: { 200: profileVersionPage },
});

const file = operation({
  id: 'readOfflineFile',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/profiles/{profileId}/offlineFile',
  tag: 'Profiles',
  summary: 'The profile as AutopilotConfigurationFile.json, for images of existing devices.',
  permission: 'profile.read',
  query: offlineFileQuery,
  answers: { 200: 'document' },
});

/** A place in the list of profiles: when, and which. */
const placeKey = z.tuple([z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/), z.guid()]);

@Controller()
export class ProfilesController {
  readonly #databases: Databases;
  readonly #commands: Commands;
  readonly #publicUrl: string;

  constructor(
    @Inject(databasesToken) databases: Databases,
    @Inject(configurationToken) configuration: Configuration,
    commands: Commands,
  ) {
    this.#databases = databases;
    this.#publicUrl = configuration.publicUrl;
    this.#commands = commands;
  }

  @Operation(create)
  create(call: CallOf<typeof create>): Promise<Answer> {
    const tenantId = call.params.tenantId!;
    return this.#commands.perform(call, newProfile, async (unit, body) => {
      await lockProfilesOf(unit, tenantId);
      const settings = changeOf(body.settings ?? {});
      const draft = {
        displayName: body.displayName.trim(),
        description: body.description ?? null,
        settings: { ...defaultSettings(settings.deploymentMode), ...settings },
      };
      await refuseIssues(unit, tenantId, draft);
      const profile = await addProfile(unit, { ...draft, tenantId, id: body.id ?? randomUUID() });
      if (profile === 'exists') throw new ProblemError('profile.exists');
      if (profile === 'too_many') throw new ProblemError('profile.too-many');
      const view = toProfileView(profile);
      const location = `${this.#publicUrl}/v1/tenants/${tenantId}/profiles/${view.id}`;
      return {
        answer: { status: 201, body: view, headers: { etag: view.etag, location } },
        audit: { tenantId, action: 'profile.created', object: `profile/${view.id}`, data: { ...draft } },
      };
    });
  }

  @Operation(list)
  async list(call: CallOf<typeof list>): Promise<Answer> {
    const page = keysetOf(call.query, placeKey);
    const slice = await this.#databases.readAs(call.caller, (unit) => listProfiles(unit, call.params.tenantId!, page));
    return pageAnswer(call, this.#publicUrl, slice, toProfileView, (profile) => profile.place);
  }

  @Operation(read)
  async read(call: CallOf<typeof read>): Promise<Answer> {
    const { tenantId, profileId } = call.params;
    return await this.#databases.readAs(call.caller, async (unit) => {
      const profile = await findProfile(unit, tenantId!, profileId!);
      if (profile === null) throw new ProblemError('profile.not-found');
      const branding = await findBranding(unit, tenantId!);
      const targets = await findTargets(unit, tenantId!, profileId!);
      const body = {
        ...toProfileView(profile),
        targets: toTargetsView(targets, profile.targetsVersion),
        branding: branding === null ? null : toBrandingView(branding),
      };
      return { status: 200, body, headers: { etag: body.etag } };
    });
  }

  @Operation(change)
  change(call: CallOf<typeof change>): Promise<Answer> {
    const version = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    const id = call.params.profileId!;
    return this.#commands.perform(call, profileChange, async (unit, body) => {
      await lockProfilesOf(unit, tenantId);
      const profile = await lockProfile(unit, tenantId, id);
      if (profile === null) throw new ProblemError('profile.not-found');
      if (profile.version !== version) throw new ProblemError('precondition.failed');
      const draft = {
        displayName: body.displayName?.trim() ?? profile.displayName,
        description: body.description === undefined ? profile.description : body.description,
        settings: mergeSettings(profile.settings, changeOf(body.settings ?? {})),
      };
      await refuseIssues(unit, tenantId, draft);
      const targets = await findTargets(unit, tenantId, id);
      if (draft.settings.deploymentMode === 'existing_devices' && hasTargets(targets)) {
        throw new ProblemError('profile.not-assignable');
      }
      const changed = await changeProfile(unit, { ...draft, tenantId, id });
      if (hasTargets(targets)) {
        await requestAssignment(unit.query, tenantId, {
          kind: 'profile',
          subject: id,
          requestedBy: call.caller.principal,
        });
      }
      const view = toProfileView(changed);
      return {
        answer: { status: 200, body: view, headers: { etag: view.etag } },
        audit: {
          tenantId,
          action: 'profile.changed',
          object: `profile/${id}`,
          data: { version: view.version, change: body },
        },
      };
    });
  }

  @Operation(remove)
  remove(call: CallOf<typeof remove>): Promise<Answer> {
    const version = versionExpected(call.request);
    const tenantId = call.params.tenantId!;
    const id = call.params.profileId!;
    return this.#commands.perform(call, null, async (unit) => {
      const profile = await lockProfile(unit, tenantId, id);
      if (profile === null) throw new ProblemError('profile.not-found');
      if (profile.version !== version) throw new ProblemError('precondition.failed');
      if (hasTargets(await findTargets(unit, tenantId, id))) throw new ProblemError('profile.assigned');
      await deleteProfile(unit, tenantId, id);
      return {
        answer: { status: 204, body: null, headers: {} },
        audit: {
          tenantId,
          action: 'profile.deleted',
          object: `profile/${id}`,
          data: { displayName: profile.displayName, version },
        },
      };
    });
  }

  @Operation(versions)
  async versions(call: CallOf<typeof versions>): Promise<Answer> {
    const { tenantId, profileId } = call.params;
    const page = keysetOf(call.query, numberKey);
    const slice = await this.#databases.readAs(call.caller, (unit) =>
      listProfileVersions(unit, tenantId!, profileId!, page),
    );
    if (slice.items.length === 0 && page.after === null) throw new ProblemError('profile.not-found');
    return pageAnswer(call, this.#publicUrl, slice, toVersionView, (each) => each.version);
  }

  @Operation(file)
  async file(call: CallOf<typeof file>): Promise<Answer> {
    const { tenantId, profileId } = call.params;
    const { tenantDomain } = call.query;
    if (tenantDomain === undefined) {
      const message = 'The domain of the tenant stands in the file: say which.';
      throw new ProblemError('parameter.invalid', { errors: [{ pointer: 'tenantDomain', code: 'missing', message }] });
    }
    const profile = await this.#databases.readAs(call.caller, (unit) => findProfile(unit, tenantId!, profileId!));
    if (profile === null) throw new ProblemError('profile.not-found');
    const { displayName, settings, version } = profile;
    const written = offlineFile({ profileId: profile.id, displayName, settings, tenantId: tenantId!, tenantDomain });
    if (!written.ok) throw new ProblemError(written.refusal);
    return {
      status: 200,
      body: written.value,
      headers: {
        etag: etagOf(version),
        'content-type': 'application/json; charset=us-ascii',
        'content-disposition': `attachment; filename="${offlineFileName}"`,
      },
    };
  }
}

/** @throws ProblemError that lists everything that is wrong with the profile */
async function refuseIssues(unit: Unit, tenantId: string, draft: ProfileDraft): Promise<void> {
  const issues = profileIssues(draft, { branded: (await findBranding(unit, tenantId)) !== null });
  if (issues.length === 0) return;
  throw new ProblemError('profile.invalid', {
    errors: issues.map(({ code, field, message }) => ({
      pointer: field === 'displayName' || field === 'description' ? `/${field}` : `/settings/${field}`,
      code,
      message,
    })),
  });
}

/** What the change names: undefined is nothing that anybody could mean. */
function changeOf(change: {
  [Key in keyof ProfileSettings]?: ProfileSettings[Key] | undefined;
}): Partial<ProfileSettings> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
