import { Controller, Inject } from '@nestjs/common';
import { espQuery, espResolutionView } from '@groundcrew/contracts';
import { builtInProfile, resolveEsp, type CandidateEsp } from '@groundcrew/domain';
import {
  approvedAmong,
  findEspDevice,
  findUser,
  groupsOfUser,
  listEsps,
  type Esp,
  type Unit,
} from '@groundcrew/persistence';
import { Databases, databasesToken } from '../platform/databases.js';
import { ProblemError } from '../problems/problem.error.js';
import { Operation, operation, type Answer, type CallOf } from '../routes/operation.js';
import { toEspView } from './esp.view.js';

const resolve = operation({
  id: 'resolveDeviceEsp',
  method: 'GET',
  path: '/v1/tenants/{tenantId}/devices/{deviceId}/esp',
  tag: 'Enrollment Status Page',
  summary: 'Which page the device shows: the first for the device, else the first for the user, else the default.',
  permission: 'esp.read',
  query: espQuery,
  answers: { 200: espResolutionView },
});

@Controller()
export class DeviceEspController {
  readonly #databases: Databases;

  constructor(@Inject(databasesToken) databases: Databases) {
    this.#databases = databases;
  }

  @Operation(resolve)
  resolve(call: CallOf<typeof resolve>): Promise<Answer> {
    const { tenantId, deviceId } = call.params;
    const { userId } = call.query;
    return this.#databases.readAs(call.caller, async (unit) => {
      const device = await findEspDevice(unit, tenantId!, deviceId!);
      if (device === null) throw new ProblemError('device.not-found');
      const pages = (await listEsps(unit, tenantId!)).map(toCandidate);
      const apps = pages.flatMap((page) => page.settings.blockingApps.map((app) => app.id));
      const { esp, viaGroups, blockingApps, leftOut, via, userSkipped, timeoutMinutes } = resolveEsp(
        {
          deviceGroups: new Set(device.deviceGroups),
          userGroups: userId === undefined ? null : await userGroupsOf(unit, tenantId!, userId),
          deploymentMode: device.deploymentMode ?? builtInProfile.settings.deploymentMode,
          joinType: device.joinType ?? builtInProfile.settings.joinType,
          osFamily: device.osFamily,
          approvedApps: await approvedAmong(unit, tenantId!, apps),
        },
        pages,
        pages.at(-1)!,
      );
      const body = {
        esp: toEspView(esp.row),
        via,
        viaGroups: [...viaGroups],
        userSkipped,
        timeoutMinutes,
        blockingApps: [...blockingApps],
        leftOut: [...leftOut],
        profileId: device.profileId,
      };
      return { status: 200, body };
    });
  }
}

async function userGroupsOf(unit: Unit, tenantId: string, userId: string): Promise<Set<string>> {
  if ((await findUser(unit, tenantId, userId)) === null) throw new ProblemError('user.not-found');
  return new Set(await groupsOfUser(unit, tenantId, userId));
}

function toCandidate(row: Esp): CandidateEsp & { row: Esp } {
  const { id, displayName, priority, settings, deviceGroups, userGroups } = row;
  return { id, displayName, priority, settings, groups: [...deviceGroups, ...userGroups], row };
}
